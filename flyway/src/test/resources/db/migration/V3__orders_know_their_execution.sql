alter table orders add column execution_id uuid;
