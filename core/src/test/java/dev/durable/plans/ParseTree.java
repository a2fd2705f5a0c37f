package dev.durable.plans;

import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL understands a statement to be, before it plans it. */
final class ParseTree implements AutoCloseable {

  private static final Pattern PARAMETER = Pattern.compile("\\?");
  private static final Pattern FUNCTION =
      Pattern.compile(":(?:funcid|opfuncid|aggfnoid|winfnoid) (\\d+)");
  private static final Pattern OPERATOR = Pattern.compile(":(?:opno|eqop|sortop) (\\d+)");
  private static final Pattern RELATION = Pattern.compile(":relid (\\d+)");
  private static final Pattern THROUGH_TEXT = Pattern.compile("\\{COERCEVIAIO :arg \\{");
  private static final Pattern TYPE =
      Pattern.compile(
          ":(?:paramtype|vartype|consttype|funcresulttype|opresulttype|aggtype|wintype"
              + "|resulttype|coalescetype|casetype|array_typeid) (\\d+)");

  private final Connection connection;
  private final String path;

  /**
   * @param path the search_path
   */
  ParseTree(TestDatabase database, String path) throws SQLException {
    String url = database.url() + (database.url().contains("?") ? "&" : "?");
    this.connection =
        DriverManager.getConnection(
            url + "preferQueryMode=simple", database.user(), database.password());
    this.path = path;
  }

  /**
   * What is called by a statement.
   *
   * @param functions as {@code schema.name(types)}, a colon, and how volatile it is
   * @param operators as {@code schema.name(types)}
   * @param relations as {@code schema.name}
   */
  record Called(Set<String> functions, Set<String> operators, Set<String> relations) {}

  Called of(String sql) throws SQLException {
    String tree = tree(sql);
    return new Called(functions(tree), operators(tree), relations(tree));
  }

  private Set<String> functions(String tree) throws SQLException {
    Set<String> functions =
        names(
            """
            select distinct n.nspname || '.' || p.oid::regprocedure::text || ':' || p.provolatile::text
            from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.oid in (%s) or p.oid in (select oprcode from pg_operator where oid in (%s))
            """
                .formatted(ids(FUNCTION, tree), ids(OPERATOR, tree)));
    Matcher cast = THROUGH_TEXT.matcher(tree);
    while (cast.find()) {
      int end = end(tree, cast.end());
      Matcher from = TYPE.matcher(tree).region(cast.end(), end);
      Matcher to = TYPE.matcher(tree).region(end, tree.length());
      if (from.find() && to.find()) {
        functions.addAll(
            names(
                """
                select n.nspname || '.' || p.oid::regprocedure::text || ':' || p.provolatile::text
                from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where p.oid in (select typoutput from pg_type where oid = %s)
                   or p.oid in (select typinput from pg_type where oid = %s)
                """
                    .formatted(from.group(1), to.group(1))));
      }
    }
    return functions;
  }

  /** Where the node ends whose brace has been opened before this place. */
  private static int end(String tree, int begin) {
    int depth = 1;
    for (int i = begin; i < tree.length(); i++) {
      char c = tree.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return tree.length();
  }

  private Set<String> operators(String tree) throws SQLException {
    return names(
        """
        select distinct n.nspname || '.' || o.oid::regoperator::text
        from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oid in (%s)
        """
            .formatted(ids(OPERATOR, tree)));
  }

  private Set<String> relations(String tree) throws SQLException {
    return names(
        """
        select distinct n.nspname || '.' || c.relname
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid in (%s)
        """
            .formatted(ids(RELATION, tree)));
  }

  private static String ids(Pattern pattern, String tree) {
    Set<String> ids = new LinkedHashSet<>(List.of("0"));
    Matcher matcher = pattern.matcher(tree);
    while (matcher.find()) {
      ids.add(matcher.group(1));
    }
    return String.join(",", ids);
  }

  private Set<String> names(String query) throws SQLException {
    Set<String> names = new LinkedHashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  private String tree(String sql) throws SQLException {
    int[] number = {0};
    String numbered = PARAMETER.matcher(sql).replaceAll(found -> "\\$" + ++number[0]);
    List<String> trees = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "set debug_print_parse = on;"
              + " set client_min_messages = log; set search_path = "
              + path);
      try (Statement prepare = connection.createStatement()) {
        prepare.execute("prepare p as " + numbered);
        for (SQLWarning each = prepare.getWarnings(); each != null; each = each.getNextWarning()) {
          ServerErrorMessage message = ((PSQLWarning) each).getServerErrorMessage();
          trees.add(message.getMessage() + message.getDetail());
        }
      } finally {
        statement.execute(
            "set debug_print_parse = off; set client_min_messages = warning;"
                + " set search_path = pg_catalog");
      }
      statement.execute("deallocate p");
    }
    return String.join(" ", trees).replaceAll("\\s+", " ");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
