-- What is in a schema (the only parameter), line by line and without the schema's name: equal lists, equal tables.
-- A column's number counts the columns that are there: one that was dropped leaves a gap that nobody sees.
with here as (
  select n.oid, quote_ident(n.nspname) || '.' as qualifier from pg_namespace n where n.nspname = ?
), tables as (
  select c.oid, c.relname, c.reloptions from pg_class c join here on c.relnamespace = here.oid where c.relkind in ('r', 'p')
)
select replace(line, here.qualifier, '') from here, (
  select 'table ' || relname || ' ' || coalesce(reloptions::text, '') as line from tables
  union all
  select 'column ' || t.relname || ' ' || row_number() over (partition by t.oid order by a.attnum) || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         || case when a.attnotnull then ' not null' else '' end || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
  from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
  union all
  select 'constraint ' || t.relname || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
  from tables t join pg_constraint c on c.conrelid = t.oid
  union all
  select 'index ' || pg_get_indexdef(i.indexrelid) from tables t join pg_index i on i.indrelid = t.oid
  union all
  select 'other ' || c.relkind::text || ' ' || c.relname from pg_class c, here
  where c.relnamespace = here.oid and c.relkind not in ('r', 'p', 'i', 'I', 't')
) lines
order by 1
