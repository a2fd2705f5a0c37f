package dev.durable.plans;

import dev.durable.testing.TestDatabase;

/**
 * Functions and operators in {@code public} for the argument types that statements use: whatever
 * fits them better than what pg_catalog has is called instead.
 */
final class HostileObjects {

  private HostileObjects() {}

  static void create(TestDatabase database) {
    database.script(
        """
        do $do$
        declare
          types text[] := array['text', 'varchar', 'name', 'int4', 'int8', 'float8', 'numeric',
            'bool', 'uuid', 'jsonb', 'json', 'timestamptz', 'timestamp', 'interval', 'text[]',
            'uuid[]', 'int4[]', 'int8[]', 'bool[]', 'timestamptz[]'];
          names text[] := array['count', 'max', 'min', 'unnest', 'num_nonnulls', 'num_nulls',
            'bool_or', 'bool_and', 'every', 'row_number', 'pg_notify', 'set_config', 'jsonb_set',
            'jsonb_object', 'jsonb_build_object', 'to_jsonb', 'array_agg', 'replace', 'format',
            'concat', 'length', 'lower', 'jsonb_array_elements_text', 'current_setting',
            'pg_backend_pid', 'array_length', 'cardinality', 'timezone', 'extract', 'sum',
            'left', 'right', 'substr', 'substring', 'floor', 'least', 'greatest', 'coalesce'];
          operators text[] := array['=', '<>', '<', '<=', '>', '>=', '||', '+', '-', '*', '/', '->',
            '->>', '@>', '<@', '&&'];
          name text; one text; other text; result text;
        begin
          foreach name in array names loop
            foreach one in array types loop
              execute format('create function public.%I(%s) returns %s language sql immutable'
                || ' as $f$ select null::%s $f$', name, one, one, one);
            end loop;
          end loop;
          foreach one in array types loop
            foreach other in array types loop
              execute format('create function public.hostile(%s, %s) returns bool language sql'
                || ' immutable as $f$ select true $f$', one, other);
              execute format('create function public.hostile_text(%s, %s) returns text language'
                || ' sql immutable as $f$ select null::text $f$', one, other);
              execute format('create function public.hostile_first(%s, %s) returns %s language'
                || ' sql immutable as $f$ select null::%s $f$', one, other, one, one);
              foreach name in array operators loop
                execute format('create operator public.%s (function = public.%s, leftarg = %s,'
                  || ' rightarg = %s)', name,
                  case when name in ('=', '<>', '<', '<=', '>', '>=', '@>', '<@', '&&')
                         then 'hostile'
                       when name = '||' then 'hostile_text' else 'hostile_first' end,
                  one, other);
              end loop;
            end loop;
          end loop;
        end $do$
        """);
  }
}
