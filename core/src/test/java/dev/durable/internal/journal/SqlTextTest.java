package dev.durable.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.transaction.SessionChange;
import dev.durable.internal.transaction.TransactionEnd;
import dev.durable.testing.Proves;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "commit",
        ";;commit",
        "select 1; COMMIT",
        "/* /* */ */ commit",
        "/* a /* b /* c */ */ */rollback",
        "-- x\rcommit",
        "-- x\ncommit",
        "select a$x$ from t; commit; select b$x$",
        "select 1$x$ from t $x$; commit",
        "select $1$x$ a $x$; commit",
        "select 'it''s'; commit",
        "select E'\\''; commit",
        "select e'\\\\'; commit",
        "select E'a'\n'\\''; commit --'",
        "select U&'\\0041'; commit",
        "select 'C:\\'; commit",
        "select \"a\"\"b;\"; commit",
        "select $$ ; $x$ $$; commit",
        "select $x$ $$ $x$; end",
        "(commit)",
        "prepare\ttransaction 'x'",
        "rollback and chain",
        "abort work",
        "commit prepared 'x'",
        "savepoint a; rollback to a; rollback"
      })
  @Proves("G5")
  @DisplayName("An end of the transaction is found wherever it stands")
  void findsTheEnd(String sql) {
    assertThat(TransactionEnd.in(sql, false)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 'commit'",
        "select ';commit'",
        "select '; it''s; commit'",
        "/* ; commit */ select 1",
        "/* /* */ ; commit */ select 1",
        "-- ; commit\nselect 1",
        "select E'\\'; commit'",
        "select E'a'\n'\\'; commit'",
        "select E'a' -- b\n '\\'; commit'",
        "select $$ ; commit $$",
        "select $a$ $$ ; commit $$ ; commit $a$",
        "select \"; commit\"",
        "savepoint a; rollback to a",
        "rollback work to savepoint a",
        "rollback transaction to a",
        "select commit from t",
        "select case when a then b end",
        "do $$ begin null; end $$",
        "create function f() returns void language sql as $f$ select 1; end $f$",
        "set transaction read only",
        "prepare p as select 1",
        "insert into a$b values ('x'); select a$b$ from t"
      })
  @Proves("G5")
  @DisplayName("SQL that only looks like an end of the transaction is left alone")
  void leavesTheRestAlone(String sql) {
    assertThat(TransactionEnd.in(sql, false)).isNull();
  }

  @Test
  @Proves("G5")
  @DisplayName("A backslash escapes where the server says so")
  void backslashes() {
    assertThat(TransactionEnd.in("select '\\''; commit --'", true)).isEqualTo("commit");
    assertThat(TransactionEnd.in("select '\\'; commit'", true)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update t set a = 1",
        "update t\nset a = 1; update t set b = 2",
        "set local work_mem = '1MB'",
        "SET LOCAL search_path = a; select 1",
        "set transaction read only",
        "set constraints all deferred",
        "select set_config('app.tenant', ?, true)",
        "select set_config(?, ?, TRUE), set_config('a', 'b', true)",
        "select set_config('a', current_setting('b'), true)",
        "select pg_catalog.set_config('search_path', case when current_setting('search_path')"
            + " operator(pg_catalog.=) '' then 'x' else concat('x', lower(trim('A'))) end, true)",
        "select 'set work_mem = 1'",
        "insert into settings values ('reset')",
        "select pg_advisory_xact_lock(1)",
        "declare c cursor for select 1",
        "do $$ begin perform 1; end $$",
        "select * from settings -- set x"
      })
  @Proves("F3.2")
  @DisplayName("Commands that end with the transaction cost no connection")
  void changesNothing(String sql) {
    assertThat(SessionChange.in(sql, false)).isFalse();
  }
}
