package dev.durable.migration;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * The files of a wrapper migration: their names, and what is in them.
 *
 * @param script what it does
 * @param stamp its place in the order of the host application's migrations
 */
record WrapperFiles(MigrationScript script, long stamp) {

  private static final String USUAL_PACKAGE = "db.migration";
  private static final Pattern PACKAGE =
      Pattern.compile(
          "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*"
              + "(\\.\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*)*");

  /** Name to text, the way up first. */
  SequencedMap<String, String> texts(UpgradeFormat format, Path folder) {
    return switch (format) {
      case FLYWAY_SQL -> flywaySql();
      case FLYWAY_JAVA -> flywayJava(folder);
      case LIQUIBASE -> liquibase();
      case SQL -> sql();
    };
  }

  private SequencedMap<String, String> flywaySql() {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    String name = stamp + "__upgrade_durable_to_v" + script.end() + ".sql";
    files.put("V" + name, "-- " + mark() + "\n\n" + script.up());
    if (!script.isTransactional()) {
      files.put("V" + name + ".conf", "executeInTransaction=false\n");
    }
    files.put("U" + name, "-- The way back of V" + name + ".\n\n" + script.down());
    return files;
  }

  private SequencedMap<String, String> sql() {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    String name = stamp + "_upgrade_durable_to_v" + script.end();
    files.put(
        name + ".up.sql",
        "-- "
            + mark()
            + (script.isTransactional()
                ? "\n\nbegin;\n\n" + script.up() + "\ncommit;\n"
                : "\n-- Not in a transaction: indexes are built concurrently. If it is interrupted, run it again.\n\n"
                    + script.up()));
    files.put(
        name + ".down.sql",
        "-- The way back of " + name + ".up.sql.\n\nbegin;\n\n" + script.down() + "\ncommit;\n");
    return files;
  }

  private SequencedMap<String, String> flywayJava(Path folder) {
    String name = "V" + stamp + "__Upgrade_durable_to_v" + script.end();
    String prefix = isUsualPrefix() ? "" : javaLiteral(script.prefix()) + ", ";
    String text =
        """
        // %s
        package %s;

        import dev.durable.flyway.DurableJavaMigration;

        public class %s extends DurableJavaMigration {
          public %s() {
            super(%s%sL);
          }
        }
        """
            .formatted(mark(), packageOf(folder), name, name, prefix, script.end());
    return single(name + ".java", text);
  }

  private SequencedMap<String, String> liquibase() {
    String name = stamp + "_upgrade_durable_to_v" + script.end();
    String prefix = isUsualPrefix() ? "" : param("prefix", xmlAttribute(script.prefix()));
    String text =
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- %s -->
        <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
                           xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                           xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog
                                               http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
          <changeSet id="%s" author="durable"%s>
            <customChange class="dev.durable.liquibase.DurableChange">
        %s%s%s    </customChange>
          </changeSet>
        </databaseChangeLog>
        """
            .formatted(
                mark(),
                name,
                script.isTransactional() ? "" : " runInTransaction=\"false\"",
                prefix,
                param("from", String.valueOf(script.start())),
                param("to", String.valueOf(script.end())));
    return single(name + ".xml", text);
  }

  private String mark() {
    return new Wrapper(script.prefix(), script.start(), script.end()).mark();
  }

  private boolean isUsualPrefix() {
    return script.prefix().equals(DurableMigration.DEFAULT_PREFIX);
  }

  private static String param(String name, String value) {
    return "      <param name=\"" + name + "\" value=\"" + value + "\"/>\n";
  }

  private static SequencedMap<String, String> single(String name, String text) {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    files.put(name, text);
    return files;
  }

  /** What stands behind {@code src/main/java} in the path; else where Flyway looks by default. */
  private static String packageOf(Path folder) {
    List<String> names = new ArrayList<>();
    folder.toAbsolutePath().normalize().forEach(part -> names.add(part.toString()));
    for (int i = names.size() - 2; i >= 2; i--) {
      if (names.get(i).equals("java") && names.get(i - 2).equals("src")) {
        String name = String.join(".", names.subList(i + 1, names.size()));
        return PACKAGE.matcher(name).matches() ? name : USUAL_PACKAGE;
      }
    }
    return USUAL_PACKAGE;
  }

  static String javaLiteral(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String xmlAttribute(String value) {
    return value
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
