package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.migration.Version.Mode;
import dev.durable.testing.Proves;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnlineRulesTest {

  /** What was there before the first release creates tables, and changes none that is in use. */
  private static final long BEFORE_THE_RELEASE = 20260107000000L;

  static Stream<Version> versions() {
    return Stream.concat(
        Version.ALL.stream().filter(version -> version.number() > BEFORE_THE_RELEASE),
        NextLibrary.OWN.stream());
  }

  @ParameterizedTest
  @MethodSource("versions")
  @Proves("issue 14")
  @DisplayName("Migrations are online")
  void online(Version version) {
    assertThat(OnlineRules.problems(version.mode(), version.up("${schema}"))).isEmpty();
    assertThat(version.compatibleFrom()).isLessThanOrEqualTo(version.number());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create index a on ${schema}.t (x)",
        "create unique index a on ${schema}.t (x)",
        "create index concurrently if not exists a on ${schema}.t (x)",
        "alter table ${schema}.t add constraint f foreign key (x) references ${schema}.u",
        "alter table ${schema}.t add column x uuid references ${schema}.u",
        "alter table ${schema}.t add constraint c check (x > 0)",
        "alter table ${schema}.t add unique (x)",
        "alter table ${schema}.t alter column x set not null",
        "alter table ${schema}.t alter x type bigint",
        "lock table ${schema}.t"
      })
  @Proves("issue 14")
  @DisplayName("Statements that hold a table in use are found")
  void offline(String statement) {
    assertThat(OnlineRules.problems(Mode.TRANSACTION, List.of(statement))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create index concurrently a on ${schema}.t (x)",
        "alter table ${schema}.t add column x int",
        "update ${schema}.t set x = 1"
      })
  @Proves("issue 14")
  @DisplayName("Outside a transaction there are only repeatable statements")
  void notRepeatable(String statement) {
    assertThat(OnlineRules.problems(Mode.CONCURRENT, List.of(statement))).hasSize(1);
  }

  @org.junit.jupiter.api.Test
  void validatingInTheSameMigrationIsFound() {
    assertThat(
            OnlineRules.problems(
                Mode.TRANSACTION,
                List.of(
                    "alter table ${schema}.t add constraint f foreign key (x) references ${schema}.u not valid",
                    "alter table ${schema}.t validate constraint f")))
        .hasSize(1);
    assertThat(
            OnlineRules.problems(
                Mode.TRANSACTION,
                List.of("create table ${schema}.t (x int)", "create index a on ${schema}.t (x)")))
        .isEmpty();
  }
}
