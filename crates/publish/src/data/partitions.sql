CREATE FUNCTION isolate_partition(partition text, tenant text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', partition);
    EXECUTE format(
        'CREATE POLICY of_tenant ON %I USING (%I = (SELECT current_setting(''app.tenant_id'', true)::uuid))'
        ' WITH CHECK (%I = (SELECT current_setting(''app.tenant_id'', true)::uuid))',
        partition, tenant, tenant
    );
END
$$;

-- Makes the partition of today and some ahead; span is day, week or month.
CREATE FUNCTION add_partitions(parent text, prefix text, span text, ahead integer, tenant text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    begins timestamptz := date_trunc(span, now(), 'UTC');
    ends timestamptz;
    partition text;
BEGIN
    FOR n IN 0..ahead LOOP
        ends := date_trunc(span, begins + ('1 ' || span)::interval + interval '12 hours', 'UTC');
        partition := prefix || '_p' || to_char(begins AT TIME ZONE 'UTC', 'YYYYMMDD');
        IF to_regclass(quote_ident(partition)) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', partition, parent, begins, ends
            );
            IF tenant IS NOT NULL THEN
                PERFORM isolate_partition(partition, tenant);
            END IF;
        END IF;
        begins := ends;
    END LOOP;
END
$$;

-- Drops the partitions that hold nothing younger than the given number of days.
CREATE FUNCTION drop_partitions(prefix text, span text, days integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    partition text;
BEGIN
    FOR partition IN
        SELECT relname FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relispartition
            AND starts_with(relname, prefix || '_p')
            AND right(relname, 8) ~ '^[0-9]{8}$'
            AND to_date(right(relname, 8), 'YYYYMMDD') + ('1 ' || span)::interval
                < (now() AT TIME ZONE 'UTC') - make_interval(days => days)
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
    END LOOP;
END
$$;

