// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration: one YAML file, overridden by environment variables, overridden by options.
 *
 * <p>{@link io.cachewright.app.config.Settings} is the table of all settings; reading, {@code
 * check} and {@code docs/configuration.md} are made from its rows. Start at {@link
 * io.cachewright.app.config.ConfigurationReader}, which answers a {@link
 * io.cachewright.app.config.Configuration} or every problem it found, each with its place.
 *
 * <p>May use: io.cachewright, a YAML parser. Must not use: SQL, Netty, the other packages of app.
 */
@NullMarked
package io.cachewright.app.config;

import org.jspecify.annotations.NullMarked;
