package dev.durable.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Statements by which a migration of tables in use holds up no other session: docs/migrations.md.
 */
final class OnlineRules {

  private static final Pattern CREATES = Pattern.compile("^create table \\$\\{schema}\\.(\\w+)");
  private static final Pattern INDEX =
      Pattern.compile(
          "^create (unique )?index (concurrently )?(if not exists )?\\w+ on \\$\\{schema}\\.(\\w+)");
  private static final Pattern ALTERS =
      Pattern.compile("^alter table (only )?\\$\\{schema}\\.(\\w+) (.*)$", Pattern.DOTALL);

  private OnlineRules() {}

  /** What breaks a rule, each a sentence; the text is split into statements. */
  static List<String> problems(Version.Mode mode, List<String> statements) {
    List<String> problems = new ArrayList<>();
    List<String> created = new ArrayList<>();
    boolean adds = false;
    for (String statement : statements) {
      String sql =
          statement
              .replaceAll("(?m)--.*$", "")
              .replaceAll("\\s+", " ")
              .strip()
              .toLowerCase(Locale.ROOT);
      Matcher table = CREATES.matcher(sql);
      Matcher index = INDEX.matcher(sql);
      Matcher alters = ALTERS.matcher(sql);
      if (mode == Version.Mode.CONCURRENT) {
        if (!sql.matches("create (unique )?index concurrently if not exists .*")) {
          problems.add("only 'create index concurrently if not exists' can be repeated: " + sql);
        }
      } else if (table.find()) {
        created.add(table.group(1));
      } else if (index.find()) {
        if (index.group(2) != null) {
          problems.add("concurrently needs a migration of its own: " + sql);
        } else if (!created.contains(index.group(4))) {
          problems.add("an index on a table in use is built concurrently: " + sql);
        }
      } else if (alters.find() && !created.contains(alters.group(2))) {
        String change = alters.group(3);
        boolean constrains = change.matches(".*(references|\\bcheck\\b|foreign key).*");
        adds |= constrains;
        if (constrains && !change.endsWith("not valid")) {
          problems.add("a constraint on a table in use is added 'not valid': " + sql);
        }
        if (change.matches(".*(\\bunique\\b|primary key|exclude ).*")
            && !change.contains("using index")) {
          problems.add("a unique constraint takes an index that was built concurrently: " + sql);
        }
        if (change.matches(".*set not null.*|alter (column )?\\w+ (set data )?type .*")) {
          problems.add("this reads or writes a whole table under its strongest lock: " + sql);
        }
        if (change.startsWith("validate constraint") && adds) {
          problems.add("a constraint is validated in a later migration than it is added: " + sql);
        }
      } else if (sql.matches("(vacuum|cluster|reindex|lock) .*")) {
        problems.add("this holds a whole table: " + sql);
      }
    }
    return problems;
  }
}
