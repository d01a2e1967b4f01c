// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

/**
 * An address to listen at.
 *
 * @param host a name or an address; of IPv6 without brackets
 * @param port 0 takes any that is free
 */
public record Listen(String host, int port) {

  static Listen parse(String text) {
    String given = text.strip();
    int colon = given.lastIndexOf(':');
    if (colon <= 0 || (given.indexOf(':') != colon && !given.startsWith("["))) {
      throw new BadText("\"" + text + "\" is no address; write HOST:PORT, as in 127.0.0.1:6380");
    }
    String host = given.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port;
    try {
      port = Integer.parseInt(given.substring(colon + 1));
    } catch (NumberFormatException e) {
      port = -1;
    }
    if (port < 0 || port > 65_535) {
      throw new BadText("\"" + text + "\": the port must be a number from 0 to 65535");
    }
    return new Listen(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
