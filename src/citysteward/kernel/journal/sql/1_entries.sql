-- The journal's table. It belongs to the owner role; the application's role may read it and call
-- the functions below, nothing else. An owner could disable triggers, detach, drop or forge times.

CREATE SEQUENCE public.journal_entry_id AS bigint CACHE 1;

-- The clusters that this journal has lived in. Transaction numbers start again in a restored one,
-- so commit order is (epoch, txid, id).
CREATE TABLE public.journal_epoch (
    epoch smallint PRIMARY KEY,
    cluster bigint NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE public.journal_entry (
    id bigint NOT NULL DEFAULT nextval('public.journal_entry_id'),
    epoch smallint NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    occurred_at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    version smallint NOT NULL CHECK (version > 0),
    actor text NOT NULL CHECK (strpos(actor, ':') > 1),
    actor_name text NOT NULL,
    subject text NOT NULL CHECK (strpos(subject, ':') > 1),
    -- Text, not jsonb: the exact bytes are sealed, and jsonb keeps neither numbers nor order.
    payload text NOT NULL,
    PRIMARY KEY (id, recorded_at),
    CHECK (isfinite(recorded_at) AND isfinite(occurred_at))
) PARTITION BY RANGE (recorded_at);

CREATE INDEX journal_entry_commit_order ON public.journal_entry (epoch, txid, id);
CREATE INDEX journal_entry_subject ON public.journal_entry (subject, id);

-- No two readings of one payload: an object, no key twice at any depth, and no escaped NUL, which
-- is JSON but can never be read as jsonb.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        -- Dynamic, for PostgreSQL 15 could not even parse it.
        EXECUTE 'ALTER TABLE public.journal_entry ADD CONSTRAINT journal_entry_payload
            CHECK (payload IS JSON OBJECT WITH UNIQUE KEYS)';
    ELSE
        CREATE FUNCTION public.journal_has_unique_keys(value json) RETURNS boolean
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $check$
        BEGIN
            IF json_typeof(value) = 'object' THEN
                RETURN (SELECT count(*) = count(DISTINCT key)
                            AND coalesce(bool_and(public.journal_has_unique_keys(item.value)), true)
                        FROM json_each(value) AS item);
            ELSIF json_typeof(value) = 'array' THEN
                RETURN (SELECT coalesce(bool_and(public.journal_has_unique_keys(item)), true)
                        FROM json_array_elements(value) AS item);
            END IF;
            RETURN true;
        END $check$;
        ALTER TABLE public.journal_entry ADD CONSTRAINT journal_entry_payload
            CHECK (json_typeof(payload::json) = 'object'
                   AND public.journal_has_unique_keys(payload::json));
    END IF;
END $$;
ALTER TABLE public.journal_entry ADD CONSTRAINT journal_entry_no_nul
    CHECK (strpos(payload, '\u0000') = 0 OR payload !~ '(^|[^\\])(\\\\)*\\u0000');

CREATE FUNCTION public.journal_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Statement triggers do not reach partitions, so each table carries its own.
CREATE FUNCTION public.journal_protect(protected regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION public.journal_refuse()', protected);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER journal_append_only', protected);
    -- Default privileges of the owner role hand new tables to the application.
    EXECUTE format('REVOKE ALL ON TABLE %s FROM PUBLIC, citysteward_app', protected);
    EXECUTE format('GRANT SELECT ON TABLE %s TO citysteward_app', protected);
END $$;

SELECT public.journal_protect('public.journal_entry');
SELECT public.journal_protect('public.journal_epoch');

-- Rows on their way in: a COPY goes here, then journal_absorb takes them over in the same
-- transaction. Unlogged, for nothing stays in it.
CREATE UNLOGGED TABLE public.journal_intake (
    batch uuid NOT NULL,
    position integer NOT NULL,
    occurred_at timestamptz,
    kind text NOT NULL,
    version smallint NOT NULL,
    subject text NOT NULL,
    payload text NOT NULL
);
REVOKE ALL ON TABLE public.journal_intake FROM PUBLIC, citysteward_app;
GRANT INSERT ON TABLE public.journal_intake TO citysteward_app;
REVOKE ALL ON SEQUENCE public.journal_entry_id FROM PUBLIC, citysteward_app;
GRANT SELECT ON SEQUENCE public.journal_entry_id TO citysteward_app;
