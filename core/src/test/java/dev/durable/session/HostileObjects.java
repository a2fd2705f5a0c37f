package dev.durable.session;

import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;

/**
 * Functions and operators of a schema that take calls away from those of {@code pg_catalog}: for
 * every pair of types, also where PostgreSQL would have to cast or to pass a value as anything. One
 * that is called leaves its name, also when its transaction is rolled back, and fails.
 */
final class HostileObjects {

  private static final List<String> PAIRED =
      List.of(
          "text",
          "varchar",
          "name",
          "int4",
          "int8",
          "bool",
          "uuid",
          "jsonb",
          "timestamptz",
          "timestamp",
          "interval",
          "text[]",
          "uuid[]");

  private static final List<String> SINGLE =
      List.of(
          "int2", "float8", "numeric", "int4[]", "int8[]", "bool[]", "jsonb[]", "timestamptz[]");

  private static final List<String> TESTS =
      List.of("=", "<>", "<", "<=", ">", ">=", "@>", "<@", "&&", "~~", "!~~", "~", "?");
  private static final List<String> VALUES = List.of("+", "-", "*", "/", "||", "->", "->>");

  private final TestDatabase db;
  private final String schema;
  private final Set<String> script = new LinkedHashSet<>();

  private HostileObjects(TestDatabase db, String schema) {
    this.db = db;
    this.schema = schema;
  }

  /**
   * Makes them.
   *
   * @param names the functions that statements call
   */
  static HostileObjects in(TestDatabase db, String schema, List<String> names) {
    HostileObjects objects = new HostileObjects(db, schema);
    objects.script.add("create schema if not exists \"" + schema + "\"");
    objects.script.add("set check_function_bodies = off");
    TESTS.forEach(operator -> objects.operators(operator, (one, other) -> "bool"));
    VALUES.forEach(operator -> objects.operators(operator, HostileObjects::operation));
    names.forEach(objects::functions);
    // A connection of its own would do as well; this one shall not keep the setting.
    objects.script.add("reset check_function_bodies");
    db.script(String.join(";\n", objects.script));
    return objects;
  }

  /** So that the statement can be planned, and runs it. */
  private static String operation(String one, String other) {
    if (one.startsWith("timestamp")) {
      return other.startsWith("timestamp") ? "interval" : one;
    }
    return other.equals("interval") ? "interval" : one;
  }

  private void operators(String operator, BinaryOperator<String> returns) {
    sequence("operator " + operator);
    for (String one : PAIRED) {
      for (String other : PAIRED) {
        function("operator " + operator, one + ", " + other, returns.apply(one, other));
        script.add(
            "create operator \"%1$s\".%2$s (function = \"%1$s\".\"operator %2$s\", leftarg = %3$s, rightarg = %4$s)"
                .formatted(schema, operator, one, other));
      }
    }
  }

  /** With one and two arguments of all types, and with those that the real one has. */
  private void functions(String name) {
    sequence(name);
    for (String one : PAIRED) {
      function(name, one, result(name, one));
      PAIRED.forEach(other -> function(name, one + ", " + other, result(name, one)));
    }
    SINGLE.forEach(one -> function(name, one, result(name, one)));
    for (String row :
        db.rows(
            """
            select distinct pg_catalog.oidvectortypes(p.proargtypes) from pg_catalog.pg_proc p
            where p.pronamespace = 'pg_catalog'::regnamespace and p.proname = ? and p.prokind = 'f'
              and not exists (select 1 from pg_catalog.unnest(p.proargtypes) a(id)
                              join pg_catalog.pg_type t on t.oid = a.id where t.typtype = 'p')
            """,
            name)) {
      function(name, real(row), result(name, "text"));
    }
  }

  /** So that the statement can be planned, and runs it. */
  private static String result(String name, String taking) {
    if (name.equals("unnest")) {
      return "setof " + taking.replace("[]", "");
    }
    if (name.equals("max") || name.equals("min")) {
      return taking;
    }
    if (name.equals("count")) {
      return "int8";
    }
    if (name.startsWith("num_") || name.endsWith("length") || name.equals("cardinality")) {
      return "int4";
    }
    return name.contains("jsonb") ? "jsonb" : "text";
  }

  /** As the lists above spell them, so that none is made twice. */
  private static String real(String types) {
    return types
        .replace("timestamp with time zone", "timestamptz")
        .replace("timestamp without time zone", "timestamp")
        .replace("character varying", "varchar")
        .replace("double precision", "float8")
        .replace("boolean", "bool")
        .replace("integer", "int4")
        .replace("bigint", "int8")
        .replace("smallint", "int2");
  }

  /** Moves when it is used: a rollback does not take that back. */
  private void sequence(String name) {
    script.add("create sequence \"%s\".\"called %s\"".formatted(schema, name));
  }

  private void function(String name, String taking, String returns) {
    script.add(
        """
        create function "%1$s"."%2$s"(%3$s) returns %4$s language plpgsql as $body$
        begin
          perform pg_catalog.nextval('"%1$s"."called %2$s"');
          raise exception 'hostile %2$s(%3$s)' using errcode = 'HX000';
        end $body$\
        """
            .formatted(schema, name, taking, returns));
  }

  /** Those that were called. */
  List<String> called() {
    return new ArrayList<>(
        db.rows(
            "select s.sequencename from pg_catalog.pg_sequences s"
                + " where s.schemaname::pg_catalog.text operator(pg_catalog.=) ?::pg_catalog.text"
                + " and s.last_value is not null order by 1",
            schema));
  }
}
