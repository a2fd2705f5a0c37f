package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * Binds parameters from left to right, arrays included. Each has its type, nulls too: for one
 * without, the driver would ask the server.
 */
public final class Parameters {

  /** Binds one statement's parameters. */
  @FunctionalInterface
  public interface Binding {
    /** Binds them from left to right. */
    void to(Parameters bind) throws SQLException;
  }

  private final Connection connection;
  private final PreparedStatement statement;
  private final @Nullable Instant time;
  private int index;

  /**
   * @param time the database's time, or null for the begin of its transaction
   */
  Parameters(Connection connection, PreparedStatement statement, @Nullable Instant time) {
    this.connection = connection;
    this.statement = statement;
    this.time = time;
  }

  public Parameters uuid(@Nullable UUID value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.OTHER, "uuid");
    } else {
      statement.setObject(++index, value);
    }
    return this;
  }

  /** Binds a text with its type, even where the connection has {@code stringtype=unspecified}. */
  public Parameters text(@Nullable String value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.OTHER, "text");
      return this;
    }
    return literal("text", value);
  }

  private Parameters literal(String type, String value) throws SQLException {
    PGobject literal = new PGobject();
    literal.setType(type);
    literal.setValue(value);
    statement.setObject(++index, literal);
    return this;
  }

  public Parameters number(long value) throws SQLException {
    statement.setLong(++index, value);
    return this;
  }

  /** A duration in microseconds, or null. */
  public Parameters duration(@Nullable Duration value) throws SQLException {
    Long micros = StorableTime.micros(value);
    if (micros == null) {
      statement.setNull(++index, Types.BIGINT);
      return this;
    }
    return number(micros);
  }

  public Parameters flag(boolean value) throws SQLException {
    statement.setBoolean(++index, value);
    return this;
  }

  /**
   * The database's clock: the server reads the text as the begin of its own transaction. Where that
   * lies behind a body of a user, the statements have another time.
   */
  public Parameters now() throws SQLException {
    return time == null ? literal("timestamptz", "now") : time(time);
  }

  /** A point in time, or null. */
  public Parameters optional(@Nullable Instant value) throws SQLException {
    return value == null ? never() : time(value);
  }

  /** A number, or null. */
  public Parameters optional(@Nullable Long value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.BIGINT);
      return this;
    }
    return number(value);
  }

  /** A flag, or null. */
  public Parameters optional(@Nullable Boolean value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.BOOLEAN);
      return this;
    }
    return flag(value);
  }

  /** A null point in time. */
  public Parameters never() throws SQLException {
    statement.setNull(++index, Types.OTHER, "timestamptz");
    return this;
  }

  public Parameters time(Instant value) throws SQLException {
    statement.setObject(
        ++index, OffsetDateTime.ofInstant(StorableTime.nearest(value), ZoneOffset.UTC));
    return this;
  }

  /**
   * Binds an array as a literal: pgjdbc would write one as well, but with every element escaped.
   */
  public <T> Parameters uuids(List<T> rows, Function<T, @Nullable UUID> column)
      throws SQLException {
    StringBuilder literal = new StringBuilder(2 + 37 * rows.size()).append('{');
    for (int i = 0; i < rows.size(); i++) {
      literal.append(i == 0 ? "" : ",").append(column.apply(rows.get(i)));
    }
    return literal("_uuid", literal.append('}').toString());
  }

  public <T> Parameters texts(List<T> rows, Function<T, @Nullable String> column)
      throws SQLException {
    return array("text", rows, column, String[]::new);
  }

  public <T> Parameters longs(List<T> rows, Function<T, @Nullable Long> column)
      throws SQLException {
    return array("int8", rows, column, Long[]::new);
  }

  public <T> Parameters ints(List<T> rows, Function<T, @Nullable Integer> column)
      throws SQLException {
    return array("int4", rows, column, Integer[]::new);
  }

  public <T> Parameters flags(List<T> rows, Function<T, @Nullable Boolean> column)
      throws SQLException {
    return array("bool", rows, column, Boolean[]::new);
  }

  /** Points in time; the driver sends them as text in UTC. */
  public <T> Parameters times(List<T> rows, Function<T, @Nullable Instant> column)
      throws SQLException {
    Function<T, @Nullable String> text =
        row -> {
          Instant time = column.apply(row);
          return time == null ? null : StorableTime.nearest(time).toString();
        };
    return array("timestamptz", rows, text, String[]::new);
  }

  /**
   * Binds an array of the element's own class: pgjdbc sends those in binary, but an {@code
   * Object[]} as text with every quote escaped. A column without values is bound as null: {@code
   * unnest} of several arrays fills up the shorter ones with nulls.
   */
  private <T> Parameters array(
      String type, List<T> rows, Function<T, ?> column, IntFunction<Object[]> ofLength)
      throws SQLException {
    Object[] values = null;
    for (int i = 0; i < rows.size(); i++) {
      Object value = column.apply(rows.get(i));
      if (value != null) {
        values = values == null ? ofLength.apply(rows.size()) : values;
        values[i] = value;
      }
    }
    if (values == null) {
      statement.setNull(++index, Types.ARRAY, "_" + type);
    } else {
      statement.setArray(++index, connection.createArrayOf(type, values));
    }
    return this;
  }
}
