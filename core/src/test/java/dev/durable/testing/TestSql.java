package dev.durable.testing;

import java.util.List;

/** SQL on the database of a test. */
public interface TestSql {

  /** Runs a statement. */
  int update(String sql, Object... parameters);

  /** Runs a script of several statements. */
  void script(String sql);

  /** The rows of a query, each as its columns joined by {@code |}. */
  List<String> rows(String sql, Object... parameters);

  /** The only value of a query. */
  default long number(String sql, Object... parameters) {
    return Long.parseLong(rows(sql, parameters).get(0));
  }
}
