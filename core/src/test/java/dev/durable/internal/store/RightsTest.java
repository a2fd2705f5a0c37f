package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.TablePrivilege;
import dev.durable.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RightsTest {

  private static final Map<String, String> PRIVILEGES =
      Map.of(
          "insert into",
          "INSERT",
          "update",
          "UPDATE",
          "delete from",
          "DELETE",
          "from",
          "SELECT",
          "join",
          "SELECT");

  private static final Pattern USE =
      Pattern.compile(
          "(insert into|update|delete from|from|join)\\s+(?:only\\s+)?\\$\\{schema\\}\\.(\\w+)");

  private static final Pattern UPSERT =
      Pattern.compile("insert into\\s+\\$\\{schema\\}\\.(\\w+)[^;]*?on conflict[^;]*?do update");

  @Test
  @Proves("F3.6")
  @DisplayName("The start checks exactly the rights that the statements need")
  void areThoseOfTheStatements() throws IOException {
    Set<String> needed = new TreeSet<>(Set.of("durable_schema_migrations SELECT"));
    try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/durable/internal"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        uses(Files.readString(file), needed);
      }
    }
    Set<String> checked =
        TablePrivilege.ALL.stream()
            .map(right -> right.table() + " " + right.privilege())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(checked).isEqualTo(needed);
  }

  private static void uses(String source, Set<String> needed) {
    Matcher use = USE.matcher(source);
    while (use.find()) {
      String verb = use.group(1).toLowerCase(Locale.ROOT);
      needed.add(use.group(2) + " " + PRIVILEGES.get(verb));
    }
    Matcher upsert = UPSERT.matcher(source);
    while (upsert.find()) {
      needed.add(upsert.group(1) + " UPDATE");
    }
  }
}
