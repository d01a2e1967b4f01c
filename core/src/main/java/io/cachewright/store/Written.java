// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import org.jspecify.annotations.Nullable;

/**
 * What the store made of a change.
 *
 * @param value the key's whole value now (with the store's defaults, triggers and rounding); null
 *     after a {@link Change.Remove}, and after a put by a store that cannot tell
 * @param existed whether the key had a value before; true if the store cannot tell
 */
public record Written<V>(@Nullable V value, boolean existed) {}
