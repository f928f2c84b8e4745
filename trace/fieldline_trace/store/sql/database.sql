-- name: database_exists
-- Whether a database of this name is there.
select exists (select from pg_database where datname = $1);

-- name: database_create
-- The statement that creates a database; quoted by the server, since CREATE DATABASE takes no parameters.
select format('create database %I template %I', $1::text, $2::text);

-- name: database_drop
-- The statement that drops a database and ends its sessions.
select format('drop database if exists %I with (force)', $1::text);
