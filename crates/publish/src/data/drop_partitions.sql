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

