-- The only ways in. Each runs as the owner role with a pinned search path, so that nothing that a
-- session creates or sets can stand in for what they name.

-- Make the partition of the month (UTC) of `moment`, which must be this month or the next.
-- ATTACH takes a lock that writers do not wait for; CREATE TABLE ... PARTITION OF would.
CREATE FUNCTION public.journal_ensure_partition(moment timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' AS $$
DECLARE
    month date := date_trunc('month', moment)::date;
    this_month date := date_trunc('month', clock_timestamp())::date;
    name text := 'journal_entry_' || to_char(month, 'YYYY_MM');
    following date := (month + interval '1 month')::date;
BEGIN
    IF month IS NULL OR month NOT IN (this_month, (this_month + interval '1 month')::date) THEN
        RAISE EXCEPTION 'a partition is made for this month or the next, not for %', month
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN name;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('journal_ensure_partition', 0));
    IF to_regclass('public.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.journal_entry INCLUDING ALL)', name);
        PERFORM public.journal_protect(('public.' || name)::regclass);
        EXECUTE format('ALTER TABLE public.journal_entry ATTACH PARTITION public.%I '
                       'FOR VALUES FROM (%L) TO (%L)',
                       name, month || ' 00:00:00+00', following || ' 00:00:00+00');
    END IF;
    RETURN name;
END $$;

-- The epoch of the cluster that this runs in; a new one if the journal was restored elsewhere
-- (the first to notice holds the others up until it commits, once in a cluster's life).
CREATE FUNCTION public.journal_current_epoch() RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here bigint := (SELECT system_identifier FROM pg_control_system());
    latest public.journal_epoch;
BEGIN
    SELECT * INTO latest FROM public.journal_epoch ORDER BY epoch DESC LIMIT 1;
    IF latest.cluster = here THEN
        RETURN latest.epoch;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('journal_current_epoch', 0));
    SELECT * INTO latest FROM public.journal_epoch ORDER BY epoch DESC LIMIT 1;
    IF latest.cluster IS DISTINCT FROM here THEN
        INSERT INTO public.journal_epoch (epoch, cluster)
            VALUES (coalesce(latest.epoch, 0) + 1, here) RETURNING * INTO latest;
    END IF;
    RETURN latest.epoch;
END $$;

-- Append one entry and return its id. The caller has no say in id, epoch, txid and recorded_at.
CREATE FUNCTION public.journal_append(
    kind text, version smallint, actor text, actor_name text, subject text, payload text,
    occurred_at timestamptz DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now_here timestamptz := clock_timestamp();
    epoch_here smallint := public.journal_current_epoch();
    entry_id bigint;
BEGIN
    PERFORM public.journal_ensure_partition(now_here);
    INSERT INTO public.journal_entry
        (epoch, recorded_at, occurred_at, kind, version, actor, actor_name, subject, payload)
    VALUES
        (epoch_here, now_here, coalesce(journal_append.occurred_at, now_here),
         journal_append.kind, journal_append.version, journal_append.actor,
         journal_append.actor_name, journal_append.subject, journal_append.payload)
    RETURNING id INTO entry_id;
    RETURN entry_id;
END $$;

-- Take over the rows of one batch from the intake table, in their order; returns their number.
CREATE FUNCTION public.journal_absorb(batch uuid, actor text, actor_name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now_here timestamptz := clock_timestamp();
    epoch_here smallint := public.journal_current_epoch();
    absorbed bigint;
BEGIN
    PERFORM public.journal_ensure_partition(now_here);
    WITH taken AS (
        DELETE FROM public.journal_intake AS intake WHERE intake.batch = journal_absorb.batch
        RETURNING intake.*
    )
    INSERT INTO public.journal_entry
        (epoch, recorded_at, occurred_at, kind, version, actor, actor_name, subject, payload)
    SELECT epoch_here, now_here, coalesce(taken.occurred_at, now_here), taken.kind, taken.version,
           journal_absorb.actor, journal_absorb.actor_name, taken.subject, taken.payload
    FROM taken ORDER BY taken.position;
    GET DIAGNOSTICS absorbed = ROW_COUNT;
    RETURN absorbed;
END $$;

REVOKE ALL ON FUNCTION
    public.journal_refuse(),
    public.journal_protect(regclass),
    public.journal_ensure_partition(timestamptz),
    public.journal_current_epoch(),
    public.journal_append(text, smallint, text, text, text, text, timestamptz),
    public.journal_absorb(uuid, text, text)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    public.journal_ensure_partition(timestamptz),
    public.journal_current_epoch(),
    public.journal_append(text, smallint, text, text, text, text, timestamptz),
    public.journal_absorb(uuid, text, text)
TO citysteward_app;

SELECT public.journal_current_epoch();
SELECT public.journal_ensure_partition(clock_timestamp());
SELECT public.journal_ensure_partition(date_trunc('month', clock_timestamp(), 'UTC') + interval '1 month');
