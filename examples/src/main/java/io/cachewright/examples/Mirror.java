// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import io.cachewright.Cachewright;
import io.cachewright.Columns;
import io.cachewright.Keyspace;
import io.cachewright.MirrorOptions;
import io.cachewright.Row;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.jdbc.MirrorColumn;
import io.cachewright.jdbc.MirrorShape;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** A cache that is the database, and a table that shows what it has. */
public final class Mirror {

  // tag::cart[]
  record Cart(String owner, long items, LocalDate due) {}

  /** How carts are written to the journal. */
  static final Codec<Cart> CARTS =
      new Codec<>() {
        @Override
        public void write(Cart cart, ByteSink out) {
          out.writeText(cart.owner());
          out.writeNumber(cart.items());
          out.writeText(cart.due().toString());
        }

        @Override
        public Cart read(ByteSource in, Function<List<String>, Columns> columns) {
          return new Cart(in.readText(), in.readNumber(), LocalDate.parse(in.readText()));
        }
      };

  // end::cart[]

  // tag::shape[]
  /** The key and a JSON document. */
  static final class CartShape implements MirrorShape<String, Cart> {
    private static final Columns DOCUMENT = Columns.of("cart");

    @Override
    public List<MirrorColumn> columns() {
      return List.of(MirrorColumn.key("id", Kind.TEXT), MirrorColumn.of("cart", Kind.JSON));
    }

    @Override
    public Object key(String key) {
      return key;
    }

    @Override
    public Row row(String key, Cart cart) {
      String document = "{\"items\": %d, \"due\": \"%s\"}".formatted(cart.items(), cart.due());
      return Row.ofAll(DOCUMENT, document);
    }
  }

  // end::shape[]

  private Mirror() {}

  public static void main(String... args) throws IOException, SQLException {
    Path data = Files.createTempDirectory("cachewright-carts");
    try (Sqlite sqlite = Sqlite.open()) {
      run(sqlite, sqlite.dataSource(), data);
    } finally {
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void run(Sqlite sqlite, DataSource dataSource, Path data) throws SQLException {
    // tag::mirror[]
    JdbcDatabase database = JdbcDatabase.of(dataSource); // PostgreSQL or SQLite
    try (Cachewright cache = Cachewright.builder().directory(data).database(database).open()) {
      Keyspace<String, Cart> carts =
          cache
              .keyspace("carts", String.class, Cart.class)
              .values(ValueType.opaque(CARTS))
              .record()
              .mirror("carts", Duration.ofMinutes(1)) // the table is at most about so far behind
              .open();

      carts.put("7f3a", new Cart("Ann", 3, LocalDate.of(2026, 12, 1))); // in the journal, on disk
      carts.flush(); // now, rather than within the minute
      // end::mirror[]
      System.out.println("the table says " + sqlite.ask("select owner || items || due from carts"));

      Keyspace<String, Cart> documents =
          cache
              .keyspace("documents", String.class, Cart.class)
              .values(ValueType.opaque(CARTS))
              .record()
              // tag::use-shape[]
              .mirror(
                  database.mirror("cart_documents", new CartShape()),
                  MirrorOptions.every(Duration.ofMinutes(1)))
              // end::use-shape[]
              .open();
      documents.put("7f3a", new Cart("Ann", 3, LocalDate.of(2026, 12, 1)));
      documents.flush();
      System.out.println("and in JSON " + sqlite.ask("select cart from cart_documents"));
    }
  }
}
