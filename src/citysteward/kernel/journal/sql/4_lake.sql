-- The lake's books: how far each dataset is exported, and which files count. Ordinary tables of
-- the application: the files can always be made again from the journal.
CREATE TABLE public.journal_lake_cursor (
    dataset text PRIMARY KEY,
    segment integer NOT NULL DEFAULT 0
);

CREATE TABLE public.journal_lake_file (
    dataset text NOT NULL REFERENCES public.journal_lake_cursor (dataset),
    first_segment integer NOT NULL,
    last_segment integer NOT NULL CHECK (last_segment >= first_segment),
    -- Below the lake's folder.
    path text NOT NULL UNIQUE,
    rows bigint NOT NULL CHECK (rows > 0),
    size bigint NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (dataset, first_segment)
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON public.journal_lake_cursor, public.journal_lake_file TO citysteward_app;
