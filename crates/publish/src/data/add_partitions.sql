-- Makes the partition of today and some ahead; span is day, week or month.
CREATE FUNCTION add_partitions(parent text, prefix text, span text, ahead integer) RETURNS void
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
        END IF;
        begins := ends;
    END LOOP;
END
$$;

