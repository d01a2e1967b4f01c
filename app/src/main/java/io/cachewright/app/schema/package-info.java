// SPDX-License-Identifier: Apache-2.0
/**
 * What a database has, for {@code init} and {@code check}, which look and end.
 *
 * <p>May use: jdbc, the configuration, {@code serve} for its connections. Must not use: the server.
 */
@NullMarked
package io.cachewright.app.schema;

import org.jspecify.annotations.NullMarked;
