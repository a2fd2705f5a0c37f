package dev.durable.session;

import dev.durable.testing.TestDatabase;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Functions and operators of a schema that take calls away from those of {@code pg_catalog}: for
 * every pair of types that those can take, also where PostgreSQL would have to cast or to pass a
 * value as anything. They do the same, so that all of them are found at once, but each that is
 * called leaves its name.
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

  private static final List<String> OPERATORS =
      List.of(
          "=", "<>", "<", "<=", ">", ">=", "@>", "<@", "&&", "~~", "!~~", "~", "?", "+", "-", "*",
          "/", "||", "->", "->>");

  private static final String ROWS = "setof ";
  private static final int AT_ONCE = 500;

  /** Asks PostgreSQL for the type of each call's result. */
  private static final String TYPES =
      """
      do $do$
      declare c record; type text;
      begin
        for c in select call from hostile.calls loop
          begin
            execute 'select pg_catalog.pg_typeof(' || c.call || ')' into type;
            update hostile.calls set result = type where call = c.call;
          exception when others then null;
          end;
        end loop;
      end $do$
      """;

  private record Call(String name, String taking, boolean isOperator) {

    private String[] types() {
      return taking.isEmpty() ? new String[0] : taking.split(", ");
    }

    private String of(String... arguments) {
      return isOperator
          ? "(%s operator(pg_catalog.%s) %s)".formatted(arguments[0], name, arguments[1])
          : "pg_catalog.\"%s\"(%s)".formatted(name, String.join(", ", arguments));
    }

    /** With values that have nothing but their types. */
    String ofNulls() {
      String[] nulls = types();
      for (int i = 0; i < nulls.length; i++) {
        nulls[i] = "null::" + nulls[i];
      }
      return of(nulls);
    }

    String ofParameters() {
      String[] parameters = types();
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] = "$" + (i + 1);
      }
      return of(parameters);
    }
  }

  private final TestDatabase db;
  private final String schema;

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
    Set<Call> calls = new LinkedHashSet<>();
    for (String one : PAIRED) {
      for (String other : PAIRED) {
        String taking = one + ", " + other;
        OPERATORS.forEach(operator -> calls.add(new Call(operator, taking, true)));
        names.forEach(name -> calls.add(new Call(name, taking, false)));
      }
      names.forEach(name -> calls.add(new Call(name, one, false)));
    }
    SINGLE.forEach(one -> names.forEach(name -> calls.add(new Call(name, one, false))));
    names.forEach(
        name -> objects.real(name).forEach(taking -> calls.add(new Call(name, taking, false))));
    objects.make(calls);
    return objects;
  }

  /** With the arguments that the real one has. */
  private List<String> real(String name) {
    return db
        .rows(
            """
            select distinct pg_catalog.oidvectortypes(p.proargtypes) from pg_catalog.pg_proc p
            where p.pronamespace = 'pg_catalog'::regnamespace and p.proname = ? and p.prokind = 'f'
              and not exists (select 1 from pg_catalog.unnest(p.proargtypes) a(id)
                              join pg_catalog.pg_type t on t.oid = a.id where t.typtype = 'p')
            """,
            name)
        .stream()
        .map(HostileObjects::brief)
        .toList();
  }

  /** As the lists above spell them, so that none is made twice. */
  private static String brief(String types) {
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

  private void make(Set<Call> calls) {
    Map<Call, String> results = results(calls);
    Set<String> script = new LinkedHashSet<>();
    for (Map.Entry<Call, String> result : results.entrySet()) {
      Call call = result.getKey();
      script.add("create sequence if not exists \"%s\".\"%s\"".formatted(schema, sequence(call)));
      script.add(function(call, result.getValue()));
      if (call.isOperator) {
        script.add(
            "create operator \"%1$s\".%2$s (function = \"%1$s\".\"operator %2$s\", leftarg = %3$s, rightarg = %4$s)"
                .formatted(schema, call.name, call.types()[0], call.types()[1]));
      }
    }
    // Not all at once: each holds locks until the end of its transaction.
    List<String> statements = List.copyOf(script);
    for (int i = 0; i < statements.size(); i += AT_ONCE) {
      List<String> some = statements.subList(i, Math.min(i + AT_ONCE, statements.size()));
      db.script(String.join(";\n", some));
    }
  }

  private Map<Call, String> results(Set<Call> calls) {
    db.script(
        "create schema hostile; create table hostile.calls (call text primary key, result text)");
    db.update(
        "insert into hostile.calls select unnest(?::text[])",
        (Object) calls.stream().map(Call::ofNulls).toArray(String[]::new));
    db.script(TYPES);
    Map<String, String> byCall = new LinkedHashMap<>();
    db.rows("select call || '=>' || result from hostile.calls where result is not null")
        .forEach(
            row -> {
              int end = row.lastIndexOf("=>");
              byCall.put(row.substring(0, end), row.substring(end + 2));
            });
    Map<Call, String> results = new LinkedHashMap<>();
    calls.forEach(
        call -> {
          boolean rows =
              call.name.equals("unnest") && call.types().length == 1 && call.taking.endsWith("[]");
          String result = rows ? ROWS + call.taking.replace("[]", "") : byCall.get(call.ofNulls());
          if (result != null) {
            results.put(call, result);
          }
        });
    return results;
  }

  private static String sequence(Call call) {
    String types = call.taking.length() > 40 ? call.taking.substring(0, 40) : call.taking;
    return call.name + "(" + types + ")";
  }

  /** Its sequence moves, which a rollback does not take back. */
  private String function(Call call, String result) {
    boolean rows = result.startsWith(ROWS);
    return """
        create function "%s"."%s"(%s) returns %s language plpgsql as $body$
        begin
          perform pg_catalog.nextval('"%s"."%s"');
          %s %s;
        end $body$\
        """
        .formatted(
            schema,
            (call.isOperator ? "operator " : "") + call.name,
            call.taking,
            result,
            schema,
            sequence(call),
            rows ? "return query select" : "return",
            call.ofParameters());
  }

  /** Those that were called. */
  List<String> called() {
    return db.rows(
        "select s.sequencename from pg_catalog.pg_sequences s"
            + " where s.schemaname::text = ?::text and s.last_value is not null order by 1",
        schema);
  }
}
