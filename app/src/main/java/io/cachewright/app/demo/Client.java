// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.io.IOException;

/**
 * An application of the shop, as one of its threads sees the database: reads a customer, changes a
 * customer's points. How it does so is what the demonstration compares.
 */
interface Client extends AutoCloseable {

  /** Reads a customer, all columns; answers whether the cache had it. */
  boolean read(int customer) throws Exception;

  /** Gives the customer so many points. Returns when the database has committed. */
  void write(int customer, int points) throws Exception;

  @Override
  void close() throws IOException;
}
