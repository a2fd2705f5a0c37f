package dev.durable.cli.migrate.command;

import static dev.durable.migration.DurableMigration.currentVersion;
import static dev.durable.migration.DurableMigration.previousVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import dev.durable.migration.DurableMigration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MigrateAndRollbackTest extends CommandTest {

  private Cli here() {
    return cli().with("DURABLE_URL", url);
  }

  @Nested
  class Migrating {

    @Test
    void toTheNewestVersion() {
      Cli.Result result = assertOk(here().run("migrate"));
      assertThat(durable().pendingVersions()).isEmpty();
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("from version 0 to " + currentVersion());

      Cli.Result again = assertOk(here().run("migrate"));
      assertThat(again.err()).contains("nothing to do");
    }

    @Test
    void toAVersion() {
      assertOk(here().run("migrate", "--to", "" + FIRST, "--prefix", "My-App \"x\""));
      assertThat(durable().prefix("My-App \"x\"").migratedVersions()).containsExactly(FIRST);
      assertThat(durable().migratedVersions()).isEmpty();
    }

    @Test
    void aDryRunPrintsWhatWouldRunAndChangesNothing() {
      durable().to(FIRST).up();
      Cli.Result result = assertOk(here().run("migrate", "--dry-run"));
      assertThat(result.out())
          .isEqualTo(
              "begin;\n\n" + DurableMigration.script("durable").from(FIRST).up() + "\ncommit;\n");
      assertThat(result.err()).isEmpty();
      assertThat(durable().migratedVersion()).isEqualTo(FIRST);

      sql(result.out());
      assertThat(durable().pendingVersions()).isEmpty();
      Cli.Result nothing = assertOk(here().run("migrate", "--dry-run"));
      assertThat(nothing.out()).isEmpty();
      assertThat(nothing.err()).contains("nothing to do");
    }

    @Test
    void noScriptLeadsToAVersionThatWasLeftOut() {
      durable().up();
      sql("delete from durable.durable_schema_migrations where version = " + FIRST);
      Cli.Result result = here().run("migrate", "--dry-run");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("lacks " + FIRST);
    }

    @Test
    void anUnknownVersionIsRefused() {
      Cli.Result result = here().run("migrate", "--to=7");
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err()).contains("Unknown migration version 7", FIRST + "");
    }

    @Test
    void whatTheDatabaseRefusesIsSaidAndNothingIsChanged() {
      sql("create schema durable; create table durable.scheduled_workflows (mine int)");
      Cli.Result result = here().run("migrate");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err())
          .contains("\"scheduled_workflows\" already exists", "Nothing was changed")
          .doesNotContain("\tat ");
      assertThat(durable().migratedVersions()).isEmpty();
    }

    @Test
    void aNewerDatabaseIsLeftAlone() {
      durable().up();
      sql("insert into durable.durable_schema_migrations values (29990101000000, 'x', now())");
      Cli.Result result = assertOk(here().run("migrate"));
      assertThat(result.err()).contains("29990101000000", "newer than this library's");
      assertThat(assertOk(here().run("migrate", "--dry-run")).out()).isEmpty();
      Cli.Result back = here().run("rollback", "--step=1", "--dry-run");
      assertThat(back.exitCode()).isEqualTo(1);
      assertThat(back.err()).contains("not known to this library");
      assertThat(here().run("rollback", "--step=1").exitCode()).isEqualTo(1);
    }
  }

  @Nested
  class RollingBack {

    @Test
    void someSteps() {
      durable().up();
      Cli.Result result = assertOk(here().run("rollback", "--step", "1"));
      assertThat(durable().migratedVersion()).isEqualTo(previousVersion());
      assertThat(result.out()).isEmpty();
      assertThat(result.err()).contains("to " + previousVersion());
    }

    @Test
    void toAVersionWhichStays() {
      durable().up();
      assertOk(here().run("rollback", "--to", "" + FIRST, "--step", "99"));
      assertThat(durable().migratedVersions()).containsExactly(FIRST);
      assertOk(here().run("rollback", "--to", "0"));
      assertThat(durable().migratedVersions()).isEmpty();
      assertThat(assertOk(here().run("rollback", "--to", "0")).err()).contains("nothing to do");
    }

    @Test
    void aDryRunPrintsWhatWouldRunAndChangesNothing() {
      durable().up();
      Cli.Result step = assertOk(here().run("rollback", "--step", "1", "--dry-run"));
      assertThat(step.out())
          .contains(DurableMigration.script("durable").from(previousVersion()).down());
      Cli.Result all = assertOk(here().run("rollback", "--to=0", "--step=99", "--dry-run"));
      assertThat(all.out())
          .isEqualTo("begin;\n\n" + DurableMigration.script("durable").down() + "\ncommit;\n");
      Cli.Result both = assertOk(here().run("rollback", "--to=0", "--step=1", "--dry-run"));
      assertThat(both.out()).isEqualTo(step.out());
      Cli.Result kept =
          assertOk(here().run("rollback", "--to=" + currentVersion(), "--step=1", "--dry-run"));
      assertThat(kept.out()).isEmpty();
      assertThat(durable().pendingVersions()).isEmpty();

      sql(step.out());
      assertThat(durable().migratedVersion()).isEqualTo(previousVersion());
      Cli.Result nothing =
          assertOk(here().run("rollback", "--to=" + previousVersion(), "--dry-run"));
      assertThat(nothing.out()).isEmpty();
    }

    @Test
    void itWantsToBeToldHowFar() {
      durable().up();
      Cli.Result result = here().run("rollback");
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err()).contains("--step 1", "--to VERSION", "with their rows");
      assertThat(here().run("rollback", "--step", "0").exitCode()).isEqualTo(2);
      assertThat(here().run("rollback", "--to", "7").exitCode()).isEqualTo(2);
      assertThat(durable().pendingVersions()).isEmpty();
    }

    @Test
    @DisplayName(
        "F13.3: live workers and executions that have not ended are counted, and it refuses")
    void refusesWhileInUse() {
      durable().up();
      sql(
          """
          insert into durable.workers (id, name, queues, definitions, started_at, heartbeat_at, lease)
          values
            (gen_random_uuid(), 'a', '[]', '[]', now(), now(), interval '10 minutes'),
            (gen_random_uuid(), 'b', '[]', '[]', now(), now(), interval '10 minutes'),
            (gen_random_uuid(), 'gone', '[]', '[]', now(), now() - interval '1 hour', interval '10 seconds');
          insert into durable.workflow_executions
            (id, workflow_name, workflow_version, status, input, wake_at, completed_at,
             inserted_at, updated_at)
          select gen_random_uuid(), 'w', 1, status, 'null',
                 case when status in ('pending', 'waiting') then now() end,
                 case when status in ('completed', 'failed') then now() end, now(), now()
          from unnest(array['pending', 'waiting', 'parked', 'completed', 'failed']) as status
          """);
      for (String[] far :
          new String[][] {{"--to=0"}, {"--step=1"}, {"--to=" + FIRST, "--step=2"}}) {
        String[] line = Stream.concat(Stream.of("rollback"), Stream.of(far)).toArray(String[]::new);
        Cli.Result result = here().run(line);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
            .contains("2 live workers", "3 executions", "--force", "Nothing was changed")
            .doesNotContain("\tat ");
        assertThat(durable().pendingVersions()).isEmpty();
      }
      assertOk(here().run("rollback", "--to=" + currentVersion()));
      assertOk(here().run("rollback", "--to=0", "--dry-run"));
      assertThat(durable().pendingVersions()).isEmpty();
      assertOk(here().run("rollback", "--to=0", "--force"));
      assertThat(durable().migratedVersions()).isEmpty();
    }

    @Test
    @DisplayName("F13.3: ended executions and dead workers do not keep the tables")
    void endedWorkIsNoReason() {
      durable().up();
      sql(
          """
          insert into durable.workers (id, name, queues, definitions, started_at, heartbeat_at, lease)
          values
            (gen_random_uuid(), 'gone', '[]', '[]', now(), now() - interval '1 hour', interval '10 seconds')
          """);
      assertOk(here().run("rollback", "--step=1"));
      assertOk(here().run("rollback", "--to=0"));
    }

    @Test
    void whatDependsOnATableIsNamedAndEverythingStays() {
      durable().up();
      sql("create view report as select id from durable.workflow_executions");
      Cli.Result result = here().run("rollback", "--to=0");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("view report", "Nothing was changed");
      assertThat(durable().pendingVersions()).isEmpty();
    }
  }
}
