package dev.durable.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.session.Setting.Way;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever settings a session has, the engine does the same, and leaves them as they were. {@code
 * -Ddurable.test.setting=lock} tries only the cases whose text contains that.
 */
class SessionSettingsTest {

  private static final int AT_ONCE = 2;
  private static final String ONLY = System.getProperty("durable.test.setting", "");

  /** Settings of one line are tried together: a line of {@code name=value}, separated by bars. */
  private static final String DEFAULTS_OF_THE_SESSION =
      """
      default_transaction_isolation=serializable
      default_transaction_isolation=repeatable read
      default_transaction_isolation=read uncommitted
      default_transaction_read_only=on
      default_transaction_isolation=serializable|default_transaction_read_only=on|default_transaction_deferrable=on
      statement_timeout=250ms
      lock_timeout=1ms
      lock_timeout=250ms|deadlock_timeout=1ms
      idle_in_transaction_session_timeout=250ms
      transaction_timeout=250ms
      idle_session_timeout=1s
      search_path=
      search_path=elsewhere, public
      search_path=elsewhere, pg_catalog
      array_nulls=off
      standard_conforming_strings=off|escape_string_warning=on|backslash_quote=off
      standard_conforming_strings=off|escape_string_warning=off|backslash_quote=on
      bytea_output=escape|quote_all_identifiers=on|xmloption=document|xmlbinary=hex
      IntervalStyle=sql_standard
      IntervalStyle=postgres
      IntervalStyle=postgres_verbose
      IntervalStyle=iso_8601
      enable_seqscan=off|enable_tidscan=off
      enable_indexscan=off|enable_indexonlyscan=off|enable_bitmapscan=off
      enable_nestloop=off|enable_memoize=off
      enable_hashjoin=off|enable_hashagg=off|enable_mergejoin=off
      enable_sort=off|enable_incremental_sort=off|enable_material=off
      plan_cache_mode=force_custom_plan
      plan_cache_mode=force_generic_plan
      jit=on|jit_above_cost=0|jit_inline_above_cost=0|jit_optimize_above_cost=0
      work_mem=64kB|temp_buffers=800kB|hash_mem_multiplier=1|maintenance_work_mem=1MB
      from_collapse_limit=1|join_collapse_limit=1
      geqo=on|geqo_threshold=2|geqo_effort=1|geqo_seed=0.5
      synchronous_commit=off
      synchronous_commit=local|commit_delay=1000|commit_siblings=0
      synchronous_commit=remote_apply
      client_min_messages=debug1
      client_min_messages=error|log_min_messages=error
      row_security=off|lo_compat_privileges=on
      transform_null_equals=on
      default_toast_compression=pglz|wal_compression=on|wal_skip_threshold=0
      vacuum_cost_delay=10ms|vacuum_freeze_min_age=0|vacuum_freeze_table_age=0
      application_name=someone's "own" \\ name
      session_replication_role=replica
      session_replication_role=local
      check_function_bodies=off|createrole_self_grant=set
      lc_messages=C|lc_numeric=C|lc_monetary=C|lc_time=C
      constraint_exclusion=on|cursor_tuple_fraction=0.0001
      debug_parallel_query=on|parallel_setup_cost=0|parallel_tuple_cost=0|min_parallel_table_scan_size=0|min_parallel_index_scan_size=0|max_parallel_workers_per_gather=4
      max_parallel_workers_per_gather=0|parallel_leader_participation=off
      random_page_cost=1000|seq_page_cost=0|cpu_tuple_cost=0|effective_cache_size=8kB
      default_statistics_target=1|stats_fetch_consistency=snapshot|track_counts=off|track_activities=off
      exit_on_error=on
      gin_fuzzy_search_limit=1|gin_pending_list_limit=64kB
      max_stack_depth=256kB
      debug_print_plan=on|log_statement=all|log_min_duration_statement=0|log_duration=on
      tcp_keepalives_idle=1|client_connection_check_interval=10ms
      default_tablespace=pg_default|temp_tablespaces=pg_default|default_table_access_method=heap
      password_encryption=md5|dynamic_library_path=/nowhere
      recursive_worktable_factor=1000|enable_partitionwise_join=on|enable_gathermerge=off
      """;

  private static final String DEFAULTS_OF_THE_ROLE =
      """
      default_transaction_isolation=serializable
      default_transaction_isolation=repeatable read
      default_transaction_read_only=on
      DateStyle=German|TimeZone=Asia/Kolkata
      search_path="$user", elsewhere
      """;

  private static final String SET_AFTERWARDS =
      """
      default_transaction_isolation=repeatable read|lock_timeout=7s|statement_timeout=31s
      default_transaction_isolation=serializable|idle_in_transaction_session_timeout=41s
      default_transaction_read_only=on
      DateStyle=ISO, DMY
      DateStyle=ISO, YMD
      TimeZone=Asia/Kolkata
      TimeZone=Australia/Lord_Howe
      extra_float_digits=-15
      enable_seqscan=off|plan_cache_mode=force_custom_plan|lock_timeout=3s
      synchronous_commit=off|application_name=set afterwards
      search_path=elsewhere, pg_catalog
      """;

  private static final List<Case> CASES =
      Stream.of(
              cases(Way.OPTIONS, DEFAULTS_OF_THE_SESSION),
              cases(Way.ROLE, DEFAULTS_OF_THE_ROLE),
              cases(Way.SET, SET_AFTERWARDS))
          .flatMap(List::stream)
          .filter(tried -> tried.toString().contains(ONLY))
          .toList();

  private static final Map<Case, Future<List<String>>> RUNS = new LinkedHashMap<>();
  private static TestDatabase db;
  private static ExecutorService threads;
  private static List<String> expected;

  record Case(int number, Way way, List<Setting> settings) {

    /** Somebody holds rows where a limit of time might strike. */
    boolean isHeld() {
      return settings.stream().anyMatch(setting -> setting.name().endsWith("timeout"));
    }

    /** Sessions rest as well where their rest is limited. */
    Duration nap() {
      boolean rests =
          settings.stream().anyMatch(setting -> setting.name().equals("idle_session_timeout"));
      return rests ? ofMillis(1_500) : ofMillis(20);
    }

    @Override
    public String toString() {
      return way + " " + settings;
    }
  }

  private static List<Case> cases(Way way, String lines) {
    List<Case> cases = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      cases.add(
          new Case(cases.size(), way, Stream.of(line.split("\\|")).map(Setting::of).toList()));
    }
    return cases;
  }

  @BeforeAll
  static void run() {
    db = TestDatabase.migrated();
    db.script("create schema elsewhere");
    BroadStory.prepare(db);
    threads = Executors.newFixedThreadPool(AT_ONCE);
    expected = outcome("defaults", Sessions.of(db), ofMillis(20), ofMillis(1));
    Set<String> known = new HashSet<>(db.rows("select lower(name) from pg_settings"));
    for (Case tried : CASES) {
      List<Setting> settings =
          tried.settings.stream()
              .filter(setting -> known.contains(setting.name().toLowerCase(Locale.ROOT)))
              .toList();
      String name = tried.way.name().toLowerCase(Locale.ROOT) + tried.number;
      RUNS.put(
          tried,
          threads.submit(
              () ->
                  outcome(
                      name,
                      Sessions.of(db, settings, tried.way, name),
                      tried.nap(),
                      tried.isHeld() ? ofMillis(600) : null)));
    }
  }

  @AfterAll
  static void end() {
    threads.shutdownNow();
    db.close();
  }

  static List<Case> cases() {
    return CASES;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  @Proves({"F3.1", "F3.2", "F1.2", "F1.5"})
  @DisplayName("With any settings of the session the outcome is the same, and the settings stay")
  void anySettingsDo(Case tried) throws Exception {
    try {
      assertThat(BroadStory.differences(expected, RUNS.get(tried).get(120, TimeUnit.SECONDS)))
          .isEmpty();
    } catch (ExecutionException failure) {
      throw new AssertionError(failure.getCause().getMessage(), failure.getCause());
    }
  }

  /** The story's traces, and everything that is not as it should be. */
  private static List<String> outcome(
      String name, Sessions sessions, Duration nap, @Nullable Duration holds) {
    BroadStory story = new BroadStory(db, name, nap);
    try (Pool.Open one = Pool.HIKARI.open(sessions, Pool.Defaults.NONE);
        Pool.Open other = Pool.HIKARI.open(sessions, Pool.Defaults.NONE)) {
      Map<Integer, SessionState> ofOne = SessionState.of(one.dataSource());
      Map<Integer, SessionState> ofOther = SessionState.of(other.dataSource());
      List<String> outcome =
          new ArrayList<>(story.tell(one.dataSource(), other.dataSource(), holds));
      outcome.addAll(story.violations());
      outcome.addAll(SessionState.changes(ofOne, SessionState.of(one.dataSource())));
      outcome.addAll(SessionState.changes(ofOther, SessionState.of(other.dataSource())));
      return outcome;
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }
}
