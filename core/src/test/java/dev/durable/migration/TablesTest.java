package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rules for every table, also those of later versions. */
class TablesTest {

  private static final TestDatabase DB = TestDatabase.migrated();

  private static List<String> columns(String condition) {
    return DB.rows(
        "select table_name || '.' || column_name from information_schema.columns"
            + " where table_schema = 'durable' and "
            + condition);
  }

  @Test
  @Proves({"B-24", "B-73"})
  @DisplayName("Times are instants")
  void timesAreInstants() {
    assertThat(
            columns(
                "data_type in ('timestamp without time zone', 'time without time zone', 'date')"))
        .isEmpty();
    assertThat(columns("column_name like '%\\_at' and data_type <> 'timestamp with time zone'"))
        .isEmpty();
    assertThat(columns("column_name like '%\\_at'")).hasSizeGreaterThan(10);
  }

  @Test
  @Proves("B-73")
  @DisplayName("Text has no length limit")
  void textHasNoLengthLimit() {
    assertThat(columns("data_type in ('character varying', 'character')")).isEmpty();
  }

  @Test
  @Proves("B-73")
  @DisplayName("A status is one of the known ones")
  void aStatusIsOneOfTheKnownOnes() {
    for (String column : columns("column_name = 'status'")) {
      String table = column.substring(0, column.indexOf('.'));
      assertThat(DB.catalogue("durable"))
          .anyMatch(
              line ->
                  line.startsWith("constraint " + table + " ")
                      && line.contains("CHECK ((status = ANY"));
    }
    assertThat(columns("column_name = 'status'")).hasSizeGreaterThanOrEqualTo(3);
    assertThatThrownBy(
            () ->
                DB.update(
                    "insert into durable.workflow_executions (id, workflow_name, workflow_version,"
                        + " status, input, inserted_at, updated_at)"
                        + " values (gen_random_uuid(), 'w', 1, 'done', '{}', now(), now())"))
        .rootCause()
        .hasMessageContaining("violates check constraint");
  }

  @Test
  void nothingNeedsAnExtension() {
    assertThat(DB.rows("select extname from pg_extension")).containsExactly("plpgsql");
  }

  @AfterAll
  static void close() {
    DB.close();
  }
}
