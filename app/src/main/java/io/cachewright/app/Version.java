// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;

/** The version, which the build writes into a resource. */
public final class Version implements CommandLine.IVersionProvider {
  /** The version alone: {@code 0.1.0}. */
  public static String text() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"cachewright " + text() + " (Java " + Runtime.version().feature() + ")"};
  }
}
