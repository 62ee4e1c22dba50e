-- Sealed segments of the journal. `header` is the signed text (encoding.py); the columns beside it
-- repeat what queries look for. `hashes` are the leaf hashes of the entries in commit order and
-- `ids` their ids: with them a verification names the very entry that was touched.
CREATE TABLE public.journal_segment (
    number integer PRIMARY KEY CHECK (number > 0),
    first_epoch smallint NOT NULL,
    first_txid xid8 NOT NULL,
    first_id bigint NOT NULL,
    last_epoch smallint NOT NULL,
    last_txid xid8 NOT NULL,
    last_id bigint NOT NULL,
    entries integer NOT NULL CHECK (entries > 0),
    total bigint NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32),
    signed_at timestamptz NOT NULL,
    header bytea NOT NULL,
    header_hash bytea NOT NULL CHECK (header_hash = sha256(header)),
    signature bytea NOT NULL CHECK (length(signature) = 64),
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    hashes bytea NOT NULL CHECK (length(hashes) = 32 * entries),
    ids bytea NOT NULL CHECK (length(ids) = 8 * entries)
);
-- Hashes do not compress; ids are fetched whole.
ALTER TABLE public.journal_segment ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX journal_segment_end
    ON public.journal_segment (last_epoch, last_txid, last_id);

SELECT public.journal_protect('public.journal_segment');

-- Add the next segment. The caller holds the sealing lock (it takes it again here, for nothing but
-- itself) and has signed; what is checked is that segments follow one another without a gap.
CREATE FUNCTION public.journal_seal(
    number integer, first_epoch smallint, first_txid xid8, first_id bigint,
    last_epoch smallint, last_txid xid8, last_id bigint, entries integer, total bigint,
    root bytea, signed_at timestamptz, header bytea, signature bytea, public_key bytea,
    hashes bytea, ids bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before public.journal_segment;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('journal_seal', 0));
    SELECT * INTO before FROM public.journal_segment AS s ORDER BY s.number DESC LIMIT 1;
    IF journal_seal.number <> coalesce(before.number, 0) + 1
        OR journal_seal.total <> coalesce(before.total, 0) + journal_seal.entries
        OR (before.number IS NOT NULL
            AND (journal_seal.first_epoch, journal_seal.first_txid, journal_seal.first_id)
                <= (before.last_epoch, before.last_txid, before.last_id))
        OR (journal_seal.first_epoch, journal_seal.first_txid, journal_seal.first_id)
            > (journal_seal.last_epoch, journal_seal.last_txid, journal_seal.last_id)
    THEN
        RAISE EXCEPTION 'segment % does not follow segment %', journal_seal.number, before.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO public.journal_segment VALUES (
        journal_seal.number, journal_seal.first_epoch, journal_seal.first_txid,
        journal_seal.first_id, journal_seal.last_epoch, journal_seal.last_txid,
        journal_seal.last_id, journal_seal.entries, journal_seal.total, journal_seal.root,
        journal_seal.signed_at, journal_seal.header, sha256(journal_seal.header),
        journal_seal.signature, journal_seal.public_key, journal_seal.hashes, journal_seal.ids
    );
END $$;

REVOKE ALL ON FUNCTION public.journal_seal(
    integer, smallint, xid8, bigint, smallint, xid8, bigint, integer, bigint,
    bytea, timestamptz, bytea, bytea, bytea, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.journal_seal(
    integer, smallint, xid8, bigint, smallint, xid8, bigint, integer, bigint,
    bytea, timestamptz, bytea, bytea, bytea, bytea, bytea) TO citysteward_app;
