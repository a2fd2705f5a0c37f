package dev.durable.internal.store.jdbc;

import dev.durable.DatabaseUnavailableException;
import dev.durable.UnsuitableDatabaseException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Checks, in one round trip and before any write, whether the engine can keep its promises on this
 * database, with this driver and as this role. A pooler is noticed later, by {@link Pooler}.
 */
public final class StartCheck {

  private static final String FACTS =
      """
      select pg_catalog.current_setting('server_encoding'),
             pg_catalog.pg_is_in_recovery(), current_user::pg_catalog.text,
             exists (select from pg_catalog.pg_namespace n
                     where n.nspname operator(pg_catalog.=) ?::pg_catalog.name
                     and not pg_catalog.has_schema_privilege(n.oid, 'USAGE')),
             array(select pg_catalog.concat(r.name, ' ', r.privilege)
                   from (values ${rights}) as r (place, name, privilege)
                   join pg_catalog.pg_class c on c.relname operator(pg_catalog.=) r.name::pg_catalog.name
                   join pg_catalog.pg_namespace n
                     on n.oid operator(pg_catalog.=) c.relnamespace
                    and n.nspname operator(pg_catalog.=) ?::pg_catalog.name
                   where not pg_catalog.has_table_privilege(c.oid, r.privilege)
                   order by r.place)
      """
          .replace("${rights}", needed());

  private final DataSource dataSource;
  private final String schema;

  /**
   * @param schema the schema's plain name
   */
  public StartCheck(DataSource dataSource, String schema) {
    this.dataSource = dataSource;
    this.schema = schema;
  }

  private static String needed() {
    return Stream.iterate(0, place -> place < TablePrivilege.ALL.size(), place -> place + 1)
        .map(
            place -> {
              TablePrivilege right = TablePrivilege.ALL.get(place);
              return "(%s, '%s', '%s')".formatted(place, right.table(), right.privilege());
            })
        .collect(Collectors.joining(", "));
  }

  /** The answers of the server. */
  private record Facts(
      String encoding,
      boolean recovering,
      String role,
      boolean schemaClosed,
      List<TablePrivilege> missing) {}

  /**
   * Checks before tables are created or changed: there may be none yet.
   *
   * @throws UnsuitableDatabaseException if the engine cannot work here
   * @throws DatabaseUnavailableException if the database cannot be reached
   */
  public void beforeMigrating() {
    refuse(unsuitable(facts()));
  }

  /**
   * Checks when the tables are up to date.
   *
   * @param reader whether a role without any right to write is accepted
   * @throws UnsuitableDatabaseException if the engine cannot work here
   * @throws DatabaseUnavailableException if the database cannot be reached
   */
  public void beforeStarting(boolean reader) {
    Facts facts = facts();
    List<String> problems = new ArrayList<>(unsuitable(facts));
    boolean lacking = !facts.missing.isEmpty() && !(reader && mayOnlyRead(facts));
    if (facts.schemaClosed || lacking) {
      problems.add(rights(facts));
    }
    refuse(problems);
  }

  private static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new UnsuitableDatabaseException(problems);
    }
  }

  private static List<String> unsuitable(Facts facts) {
    List<String> problems = new ArrayList<>();
    if (facts.recovering) {
      problems.add(
          "The server is a standby: it is in recovery and takes no writes. Connect to the primary;"
              + " with several hosts in the JDBC URL, add targetServerType=primary.");
    }
    if (!facts.encoding.equals("UTF8")) {
      problems.add(
          "The database's encoding is "
              + facts.encoding
              + ". It must be UTF8: others cannot store every text, so results and error messages"
              + " would be lost. Create a database with: create database ... template template0"
              + " encoding 'UTF8'.");
    }
    return problems;
  }

  /** Whether the role has no right to write on any table, which is on purpose. */
  private static boolean mayOnlyRead(Facts facts) {
    List<TablePrivilege> writes =
        TablePrivilege.ALL.stream().filter(right -> !right.isRead()).toList();
    return facts.missing.equals(writes);
  }

  private String rights(Facts facts) {
    String quoted = Schema.quoted(schema);
    String role = Schema.quoted(facts.role);
    List<String> grants = new ArrayList<>();
    if (facts.schemaClosed) {
      grants.add("grant usage on schema " + quoted + " to " + role + ";");
    }
    grants.addAll(TablePrivilege.grants(facts.missing, quoted, role));
    return "Role "
        + role
        + " lacks rights on schema "
        + quoted
        + ". The owner of the tables can grant them:\n  "
        + String.join("\n  ", grants);
  }

  private Facts facts() {
    return new Database(dataSource)
        .call(
            "look at the database before the start",
            connection -> {
              DriverCheck.requireSuitable(connection);
              return ask(connection);
            });
  }

  private Facts ask(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FACTS)) {
      statement.setString(1, schema);
      statement.setString(2, schema);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Facts(
            row.getString(1),
            row.getBoolean(2),
            row.getString(3),
            row.getBoolean(4),
            Stream.of((String[]) row.getArray(5).getArray()).map(StartCheck::right).toList());
      }
    }
  }

  private static TablePrivilege right(String text) {
    int space = text.indexOf(' ');
    return new TablePrivilege(text.substring(0, space), text.substring(space + 1));
  }
}
