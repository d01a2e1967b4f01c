// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.MirrorOptions;
import io.cachewright.store.MirrorTarget;

/** Where a record space is mirrored to, and when. */
public record MirrorSpec<K, V>(MirrorTarget<K, V> target, MirrorOptions options) {}
