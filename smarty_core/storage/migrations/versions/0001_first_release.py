"""The tables of the first release"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from smarty_core.storage import types

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('client',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('domain_prefix', types.key_text(64), nullable=False),
    sa.Column('site', sa.String(length=255), nullable=False),
    sa.Column('uid', types.key_text(64), nullable=False),
    sa.Column('api_key', sa.Text(), nullable=False),
    sa.Column('billing_api_key', sa.Text(), nullable=False),
    sa.Column('content_api_key', sa.Text(), nullable=False),
    sa.Column('streaming_api_key', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('payment_method', sa.String(length=64), nullable=False),
    sa.Column('max_trial_days', sa.Integer(), nullable=False),
    sa.Column('contract_mask', sa.String(length=255), nullable=False),
    sa.Column('invoice_mask', sa.String(length=255), nullable=False),
    sa.Column('geo_locator', sa.String(length=64), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('external_client_id', sa.Integer(), nullable=True),
    sa.Column('parent_id', types.BigId, nullable=True),
    sa.Column('api_url', sa.String(length=255), nullable=False),
    sa.Column('redirect_url', sa.String(length=255), nullable=False),
    sa.Column('logo_url', sa.String(length=255), nullable=False),
    sa.Column('channel_autosort', sa.String(length=16), nullable=False),
    sa.Column('subscription_model', sa.Boolean(), nullable=False),
    sa.Column('permissions', types.Json(), nullable=True),
    sa.Column('portal_config', types.Json(), nullable=True),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['client.id'], name=op.f('fk_client_parent_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client')),
    sa.UniqueConstraint('domain_prefix', name=op.f('uq_client_domain_prefix')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_parent_id'), ['parent_id'], unique=False)

    op.create_table('command_lock',
    sa.Column('name', types.key_text(190), nullable=False),
    sa.Column('owner', types.key_text(190), nullable=False),
    sa.Column('acquired_at', types.UtcDateTime(), nullable=False),
    sa.Column('expires_at', types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_command_lock')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('country',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('code', types.key_text(2), nullable=False),
    sa.Column('phone_code', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_country')),
    sa.UniqueConstraint('code', name=op.f('uq_country_code')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('epg_category',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('system_name', types.key_text(64), nullable=False),
    sa.Column('icon_type', sa.String(length=32), nullable=False),
    sa.Column('icon_url', sa.String(length=255), nullable=False),
    sa.Column('icon_tv_url', sa.String(length=255), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_category')),
    sa.UniqueConstraint('system_name', name=op.f('uq_epg_category_system_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('epg_genre',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('system_name', types.key_text(64), nullable=False),
    sa.Column('icon_url', sa.String(length=255), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_genre')),
    sa.UniqueConstraint('system_name', name=op.f('uq_epg_genre_system_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('epg_source',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', types.key_text(255), nullable=False),
    sa.Column('parser', types.key_text(64), nullable=False),
    sa.Column('url_mask', sa.Text(), nullable=False),
    sa.Column('attributes', types.Json(), nullable=True),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('etag', sa.Text(), nullable=False),
    sa.Column('last_modified', sa.String(length=64), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('imported_at', types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_source')),
    sa.UniqueConstraint('name', name=op.f('uq_epg_source_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('job_run',
    sa.Column('name', types.key_text(190), nullable=False),
    sa.Column('started_at', types.UtcDateTime(), nullable=False),
    sa.Column('finished_at', types.UtcDateTime(), nullable=True),
    sa.Column('succeeded_at', types.UtcDateTime(), nullable=True),
    sa.Column('seconds', sa.Float(), nullable=True),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('host', sa.String(length=190), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_job_run')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('outbox_event',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('plugin', types.key_text(64), nullable=False),
    sa.Column('hook', types.key_text(64), nullable=False),
    sa.Column('order_key', types.key_text(190), nullable=False),
    sa.Column('payload', types.Json(), nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', types.UtcDateTime(), nullable=False),
    sa.Column('delivered_at', types.UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_event')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_event_due', ['delivered_at', 'next_attempt_at'], unique=False)

    op.create_table('play_device',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('system_name', types.key_text(64), nullable=False),
    sa.Column('answer_format', sa.String(length=4), nullable=False),
    sa.Column('device_group', sa.Integer(), nullable=False),
    sa.Column('has_portal', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_play_device')),
    sa.UniqueConstraint('system_name', name=op.f('uq_play_device_system_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('play_device_template',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('path', types.key_text(64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_play_device_template')),
    sa.UniqueConstraint('path', name=op.f('uq_play_device_template_path')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('tag_version',
    sa.Column('tag', types.key_text(190), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('tag', name=op.f('pk_tag_version')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('tag_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tag_version_changed_at'), ['changed_at'], unique=False)

    op.create_table('category',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('color', sa.String(length=16), nullable=False),
    sa.Column('icon_url', sa.String(length=255), nullable=False),
    sa.Column('icon_tv_url', sa.String(length=255), nullable=False),
    sa.Column('dashboard_icon_url', sa.String(length=255), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_category_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_category_client_id'), ['client_id'], unique=False)

    op.create_table('channel_sort',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_channel_sort_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_sort')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('channel_sort', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channel_sort_client_id'), ['client_id'], unique=False)

    op.create_table('city',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('country_id', types.BigId, nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.ForeignKeyConstraint(['country_id'], ['country.id'], name=op.f('fk_city_country_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_city')),
    sa.UniqueConstraint('country_id', 'name', name=op.f('uq_city_country_id_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('client_play_device',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('play_device_id', types.BigId, nullable=False),
    sa.Column('template_id', types.BigId, nullable=True),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('basic', sa.Boolean(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('available_for_uid', sa.Boolean(), nullable=False),
    sa.Column('auth_mode', sa.String(length=32), nullable=False),
    sa.Column('visible_menus', types.Json(), nullable=True),
    sa.Column('login_text', sa.Text(), nullable=False),
    sa.Column('logo_url', sa.String(length=255), nullable=False),
    sa.Column('logo_login_url', sa.String(length=255), nullable=False),
    sa.Column('logo_loading_url', sa.String(length=255), nullable=False),
    sa.Column('css_url', sa.String(length=255), nullable=False),
    sa.Column('api_url', sa.String(length=255), nullable=False),
    sa.Column('data_autorefresh', sa.Boolean(), nullable=False),
    sa.Column('reports_enabled', sa.Boolean(), nullable=False),
    sa.Column('standby_timer', sa.Integer(), nullable=False),
    sa.Column('pvr_standby_timer', sa.Integer(), nullable=False),
    sa.Column('portal_config', types.Json(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_client_play_device_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['play_device_id'], ['play_device.id'], name=op.f('fk_client_play_device_play_device_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['template_id'], ['play_device_template.id'], name=op.f('fk_client_play_device_template_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_client_play_device')),
    sa.UniqueConstraint('client_id', 'play_device_id', name=op.f('uq_client_play_device_client_id_play_device_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('client_play_device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_client_play_device_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_client_play_device_play_device_id'), ['play_device_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_client_play_device_template_id'), ['template_id'], unique=False)

    op.create_table('data_center',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('location', sa.String(length=255), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_data_center_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_center')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('data_center', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_center_client_id'), ['client_id'], unique=False)

    op.create_table('epg_channel',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('source_id', types.BigId, nullable=True),
    sa.Column('source_channel_id', types.key_text(255), nullable=False),
    sa.Column('icon_url', sa.Text(), nullable=False),
    sa.Column('icons', types.Json(), nullable=True),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('utc_shift', sa.Float(), nullable=False),
    sa.Column('category_id', types.BigId, nullable=True),
    sa.Column('imported_at', types.UtcDateTime(), nullable=True),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.ForeignKeyConstraint(['category_id'], ['epg_category.id'], name=op.f('fk_epg_channel_category_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['source_id'], ['epg_source.id'], name=op.f('fk_epg_channel_source_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_channel')),
    sa.UniqueConstraint('source_id', 'source_channel_id', name=op.f('uq_epg_channel_source_id_source_channel_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('epg_channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epg_channel_category_id'), ['category_id'], unique=False)

    op.create_table('epg_channel_source',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('source_id', types.BigId, nullable=False),
    sa.Column('url_mask', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['epg_source.id'], name=op.f('fk_epg_channel_source_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_channel_source')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('epg_channel_source', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epg_channel_source_source_id'), ['source_id'], unique=False)

    op.create_table('epg_premiere_source',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('source_id', types.BigId, nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['epg_source.id'], name=op.f('fk_epg_premiere_source_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_premiere_source')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('epg_premiere_source', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epg_premiere_source_source_id'), ['source_id'], unique=False)

    op.create_table('epg_source_category_map',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('source_id', types.BigId, nullable=False),
    sa.Column('source_name', types.key_text(255), nullable=False),
    sa.Column('category_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['epg_category.id'], name=op.f('fk_epg_source_category_map_category_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['epg_source.id'], name=op.f('fk_epg_source_category_map_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_source_category_map')),
    sa.UniqueConstraint('source_id', 'source_name', name=op.f('uq_epg_source_category_map_source_id_source_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('epg_source_category_map', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epg_source_category_map_category_id'), ['category_id'], unique=False)

    op.create_table('epg_source_genre_map',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('source_id', types.BigId, nullable=False),
    sa.Column('source_name', types.key_text(255), nullable=False),
    sa.Column('genre_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['genre_id'], ['epg_genre.id'], name=op.f('fk_epg_source_genre_map_genre_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['epg_source.id'], name=op.f('fk_epg_source_genre_map_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_source_genre_map')),
    sa.UniqueConstraint('source_id', 'source_name', name=op.f('uq_epg_source_genre_map_source_id_source_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('epg_source_genre_map', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epg_source_genre_map_genre_id'), ['genre_id'], unique=False)

    op.create_table('plugin_instance',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('capability', types.key_text(64), nullable=False),
    sa.Column('driver', types.key_text(64), nullable=False),
    sa.Column('name', types.key_text(64), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_plugin_instance_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plugin_instance')),
    sa.UniqueConstraint('client_id', 'capability', 'name', name=op.f('uq_plugin_instance_client_id_capability_name')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('plugin_instance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plugin_instance_client_id'), ['client_id'], unique=False)

    op.create_table('tariff',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('description_lang1', sa.Text(), nullable=True),
    sa.Column('description_lang2', sa.Text(), nullable=True),
    sa.Column('description_lang3', sa.Text(), nullable=True),
    sa.Column('description_lang4', sa.Text(), nullable=True),
    sa.Column('description_lang5', sa.Text(), nullable=True),
    sa.Column('price', types.MoneyAmount(), nullable=False),
    sa.Column('activation_price', types.MoneyAmount(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.Column('archived', sa.Boolean(), nullable=False),
    sa.Column('assigned_by_default', sa.Boolean(), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('basic_tariff_priority', sa.Integer(), nullable=False),
    sa.Column('sessions_count', sa.Integer(), nullable=False),
    sa.Column('basic_sessions_count', sa.Integer(), nullable=False),
    sa.Column('ip_restriction', sa.Boolean(), nullable=False),
    sa.Column('allow_basic_devices', sa.Boolean(), nullable=False),
    sa.Column('allow_additional_devices', sa.Boolean(), nullable=False),
    sa.Column('available_for_inactive_accounts', sa.Boolean(), nullable=False),
    sa.Column('available_everywhere', sa.Boolean(), nullable=False),
    sa.Column('available_to_unsubscribe', sa.Boolean(), nullable=False),
    sa.Column('display_in_channels_widget', sa.Boolean(), nullable=False),
    sa.Column('used_for_channel_list', sa.Boolean(), nullable=False),
    sa.Column('used_for_video_list', sa.Boolean(), nullable=False),
    sa.Column('used_for_radio_list', sa.Boolean(), nullable=False),
    sa.Column('ext_id', types.key_text(64), nullable=False),
    sa.Column('icon_url', sa.String(length=255), nullable=False),
    sa.Column('icon_tv_url', sa.String(length=255), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_tariff_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tariff')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('tariff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_client_id'), ['client_id'], unique=False)

    op.create_table('user',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('username', types.key_text(150), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('is_superuser', sa.Boolean(), nullable=False),
    sa.Column('is_monitoring', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=True),
    sa.Column('last_login_at', types.UtcDateTime(), nullable=True),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_user_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('username', name=op.f('uq_user_username')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_client_id'), ['client_id'], unique=False)

    op.create_table('channel',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('epg_channel_id', types.BigId, nullable=True),
    sa.Column('category_id', types.BigId, nullable=True),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('parental_control', sa.Boolean(), nullable=False),
    sa.Column('icon_url', sa.Text(), nullable=False),
    sa.Column('url_prefix', types.key_text(255), nullable=False),
    sa.Column('uri', sa.Text(), nullable=False),
    sa.Column('multicast_uri', sa.Text(), nullable=False),
    sa.Column('recording_multicast_uri', sa.Text(), nullable=False),
    sa.Column('id_override', sa.String(length=64), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('lcn_number', sa.Integer(), nullable=False),
    sa.Column('show_in_all', sa.Boolean(), nullable=False),
    sa.Column('display_on_site', sa.Boolean(), nullable=False),
    sa.Column('recording_days', sa.Integer(), nullable=False),
    sa.Column('pause_live_tv_shift', sa.Integer(), nullable=False),
    sa.Column('aspect_ratio', sa.Integer(), nullable=False),
    sa.Column('ads_available', sa.Boolean(), nullable=False),
    sa.Column('drm_available', sa.Boolean(), nullable=False),
    sa.Column('hbb', types.Json(), nullable=True),
    sa.Column('telemeter', sa.String(length=255), nullable=False),
    sa.Column('telemeter_account_name', sa.String(length=255), nullable=False),
    sa.Column('telemeter_tmsec_name', sa.String(length=255), nullable=False),
    sa.Column('telemeter_cat_id', sa.String(length=255), nullable=False),
    sa.Column('telemeter_vc_id', sa.String(length=255), nullable=False),
    sa.Column('telemeter_vc_version', sa.String(length=255), nullable=False),
    sa.Column('mediahills_id', sa.String(length=64), nullable=False),
    sa.Column('option1', sa.Text(), nullable=False),
    sa.Column('option2', sa.Text(), nullable=False),
    sa.Column('option3', sa.Text(), nullable=False),
    sa.Column('meta', types.Json(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_channel_category_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_channel_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['epg_channel_id'], ['epg_channel.id'], name=op.f('fk_channel_epg_channel_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channel_category_id'), ['category_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_channel_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_channel_epg_channel_id'), ['epg_channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_channel_url_prefix'), ['url_prefix'], unique=False)

    op.create_table('customer',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('firstname', sa.String(length=256), nullable=False),
    sa.Column('middlename', sa.String(length=256), nullable=False),
    sa.Column('lastname', sa.String(length=256), nullable=False),
    sa.Column('birthdate', sa.Date(), nullable=True),
    sa.Column('passport_number', sa.String(length=6), nullable=False),
    sa.Column('passport_series', sa.String(length=4), nullable=False),
    sa.Column('passport_issue_date', sa.Date(), nullable=True),
    sa.Column('passport_issued_by', sa.String(length=128), nullable=False),
    sa.Column('postal_address_country', sa.String(length=128), nullable=False),
    sa.Column('postal_address_city', sa.String(length=128), nullable=False),
    sa.Column('postal_address_street', sa.String(length=128), nullable=False),
    sa.Column('postal_address_bld', sa.String(length=32), nullable=False),
    sa.Column('postal_address_apt', sa.String(length=32), nullable=False),
    sa.Column('postal_address_zip', sa.String(length=32), nullable=False),
    sa.Column('billing_address_street', sa.String(length=128), nullable=False),
    sa.Column('billing_address_bld', sa.String(length=32), nullable=False),
    sa.Column('billing_address_apt', sa.String(length=32), nullable=False),
    sa.Column('billing_address_zip', sa.String(length=32), nullable=False),
    sa.Column('mobile_phone_number', types.key_text(32), nullable=False),
    sa.Column('phone_number_1', sa.String(length=24), nullable=False),
    sa.Column('phone_number_2', sa.String(length=24), nullable=False),
    sa.Column('fax_phone_number', sa.String(length=24), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('company_name', sa.String(length=128), nullable=False),
    sa.Column('bank_account_blz', sa.String(length=9), nullable=False),
    sa.Column('bank_account_bic', sa.String(length=11), nullable=False),
    sa.Column('bank_account_number', sa.String(length=40), nullable=False),
    sa.Column('bank_account_iban', sa.String(length=34), nullable=False),
    sa.Column('bank_account_bank_name', sa.String(length=128), nullable=False),
    sa.Column('bank_account_owner_name', sa.String(length=128), nullable=False),
    sa.Column('contract_number', sa.String(length=128), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('ext_id', types.key_text(64), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('autopayment', sa.Boolean(), nullable=False),
    sa.Column('send_sms_messages', sa.Boolean(), nullable=False),
    sa.Column('send_email_messages', sa.Boolean(), nullable=False),
    sa.Column('billing_instance_id', types.BigId, nullable=True),
    sa.Column('meta', types.Json(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['billing_instance_id'], ['plugin_instance.id'], name=op.f('fk_customer_billing_instance_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_customer_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_ext_id'), ['ext_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_mobile_phone_number'), ['mobile_phone_number'], unique=False)

    op.create_table('epg_channel_category',
    sa.Column('epg_channel_id', types.BigId, nullable=False),
    sa.Column('epg_category_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['epg_category_id'], ['epg_category.id'], name=op.f('fk_epg_channel_category_epg_category_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['epg_channel_id'], ['epg_channel.id'], name=op.f('fk_epg_channel_category_epg_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('epg_channel_id', 'epg_category_id', name=op.f('pk_epg_channel_category')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('epg_channel_category', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_epg_channel_category_epg_category_id'), ['epg_category_id'], unique=False)

    op.create_table('epg_day',
    sa.Column('epg_channel_id', types.BigId, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('programmes', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['epg_channel_id'], ['epg_channel.id'], name=op.f('fk_epg_day_epg_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('epg_channel_id', 'day', name=op.f('pk_epg_day')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('epg_programme',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('epg_channel_id', types.BigId, nullable=False),
    sa.Column('start', types.UtcDateTime(), nullable=False),
    sa.Column('stop', types.UtcDateTime(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('short_name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('name_lang1', sa.Text(), nullable=True),
    sa.Column('name_lang2', sa.Text(), nullable=True),
    sa.Column('name_lang3', sa.Text(), nullable=True),
    sa.Column('name_lang4', sa.Text(), nullable=True),
    sa.Column('name_lang5', sa.Text(), nullable=True),
    sa.Column('description_lang1', sa.Text(), nullable=True),
    sa.Column('description_lang2', sa.Text(), nullable=True),
    sa.Column('description_lang3', sa.Text(), nullable=True),
    sa.Column('description_lang4', sa.Text(), nullable=True),
    sa.Column('description_lang5', sa.Text(), nullable=True),
    sa.Column('category_id', types.BigId, nullable=True),
    sa.Column('category_ids', types.Json(), nullable=True),
    sa.Column('genre_ids', types.Json(), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('preview_url', sa.Text(), nullable=False),
    sa.Column('meta', sa.Text(), nullable=False),
    sa.Column('event_id', types.key_text(255), nullable=False),
    sa.Column('exact_start', types.UtcDateTime(), nullable=True),
    sa.Column('exact_stop', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['epg_channel_id'], ['epg_channel.id'], name=op.f('fk_epg_programme_epg_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_programme')),
    sa.UniqueConstraint('epg_channel_id', 'start', name=op.f('uq_epg_programme_epg_channel_id_start')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('plugin_attribute',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('instance_id', types.BigId, nullable=False),
    sa.Column('key', types.key_text(128), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['instance_id'], ['plugin_instance.id'], name=op.f('fk_plugin_attribute_instance_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plugin_attribute')),
    sa.UniqueConstraint('instance_id', 'key', name=op.f('uq_plugin_attribute_instance_id_key')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('stream_service',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('data_center_id', types.BigId, nullable=True),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('router', types.key_text(64), nullable=False),
    sa.Column('routing', sa.String(length=8), nullable=False),
    sa.Column('mask', sa.Text(), nullable=False),
    sa.Column('attributes', types.Json(), nullable=True),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('control_by_api', sa.Boolean(), nullable=False),
    sa.Column('check_ip', sa.Boolean(), nullable=False),
    sa.Column('shift_hours', sa.Integer(), nullable=False),
    sa.Column('recording_days', sa.Integer(), nullable=False),
    sa.Column('record_length_hours', sa.Integer(), nullable=False),
    sa.Column('record_directory', sa.String(length=255), nullable=False),
    sa.Column('split_time', sa.String(length=8), nullable=False),
    sa.Column('storage_class', sa.String(length=8), nullable=False),
    sa.Column('npvr_lifetime', sa.Integer(), nullable=False),
    sa.Column('check_ping', sa.Boolean(), nullable=False),
    sa.Column('check_tcp', sa.Boolean(), nullable=False),
    sa.Column('check_http', sa.Boolean(), nullable=False),
    sa.Column('check_is_alive', sa.Boolean(), nullable=False),
    sa.Column('available', sa.Boolean(), nullable=False),
    sa.Column('load', sa.Float(), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_stream_service_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['data_center_id'], ['data_center.id'], name=op.f('fk_stream_service_data_center_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_service_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_service_data_center_id'), ['data_center_id'], unique=False)

    op.create_table('tariff_city',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('city_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['city.id'], name=op.f('fk_tariff_city_city_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_city_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'city_id', name=op.f('pk_tariff_city')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_city', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_city_city_id'), ['city_id'], unique=False)

    op.create_table('tariff_country',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('country_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['country_id'], ['country.id'], name=op.f('fk_tariff_country_country_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_country_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'country_id', name=op.f('pk_tariff_country')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_country', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_country_country_id'), ['country_id'], unique=False)

    op.create_table('user_right',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('user_id', types.BigId, nullable=False),
    sa.Column('section', types.key_text(64), nullable=False),
    sa.Column('can_view', sa.Boolean(), nullable=False),
    sa.Column('can_create', sa.Boolean(), nullable=False),
    sa.Column('can_edit', sa.Boolean(), nullable=False),
    sa.Column('can_delete', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_user_right_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_right')),
    sa.UniqueConstraint('user_id', 'section', name=op.f('uq_user_right_user_id_section')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    op.create_table('account',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('customer_id', types.BigId, nullable=False),
    sa.Column('abonement', types.key_text(32), nullable=False),
    sa.Column('password', sa.String(length=64), nullable=False),
    sa.Column('parent_code', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('status_reason', sa.String(length=20), nullable=False),
    sa.Column('activation_date', sa.Date(), nullable=True),
    sa.Column('deactivation_date', sa.Date(), nullable=True),
    sa.Column('extension_date', sa.Date(), nullable=True),
    sa.Column('auto_activation_period', sa.Integer(), nullable=True),
    sa.Column('data_center_id', types.BigId, nullable=True),
    sa.Column('template_id', types.BigId, nullable=True),
    sa.Column('allow_multiple_login', sa.Boolean(), nullable=False),
    sa.Column('allow_login_by_abonement', sa.Boolean(), nullable=False),
    sa.Column('allow_login_by_device_uid', sa.Boolean(), nullable=False),
    sa.Column('allow_login_by_ip', sa.Boolean(), nullable=False),
    sa.Column('allowed_device_groups', types.Json(), nullable=True),
    sa.Column('use_timeshift', sa.Boolean(), nullable=False),
    sa.Column('timeshift_offset', sa.Integer(), nullable=False),
    sa.Column('ext_id', types.key_text(64), nullable=False),
    sa.Column('option1', sa.Text(), nullable=False),
    sa.Column('option2', sa.Text(), nullable=False),
    sa.Column('option3', sa.Text(), nullable=False),
    sa.Column('last_channel_id', types.BigId, nullable=True),
    sa.Column('last_seen_at', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_account_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_account_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['data_center_id'], ['data_center.id'], name=op.f('fk_account_data_center_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['last_channel_id'], ['channel.id'], name=op.f('fk_account_last_channel_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['template_id'], ['play_device_template.id'], name=op.f('fk_account_template_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('client_id', 'abonement', name=op.f('uq_account_client_id_abonement')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_data_center_id'), ['data_center_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_template_id'), ['template_id'], unique=False)

    op.create_table('channel_category',
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.Column('category_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_channel_category_category_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_category_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('channel_id', 'category_id', name=op.f('pk_channel_category')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('channel_category', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channel_category_category_id'), ['category_id'], unique=False)

    op.create_table('channel_sort_item',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('channel_sort_id', types.BigId, nullable=False),
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_sort_item_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['channel_sort_id'], ['channel_sort.id'], name=op.f('fk_channel_sort_item_channel_sort_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_sort_item')),
    sa.UniqueConstraint('channel_sort_id', 'channel_id', name=op.f('uq_channel_sort_item_channel_sort_id_channel_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('channel_sort_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channel_sort_item_channel_id'), ['channel_id'], unique=False)

    op.create_table('channel_stream_service',
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_stream_service_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_channel_stream_service_stream_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('channel_id', 'stream_service_id', name=op.f('pk_channel_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('channel_stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channel_stream_service_stream_service_id'), ['stream_service_id'], unique=False)

    op.create_table('customer_tariff',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('customer_id', types.BigId, nullable=False),
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('valid_from', types.UtcDateTime(), nullable=True),
    sa.Column('valid_until', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_customer_tariff_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_tariff_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_customer_tariff_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_tariff')),
    sa.UniqueConstraint('customer_id', 'tariff_id', name=op.f('uq_customer_tariff_customer_id_tariff_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('customer_tariff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_tariff_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_tariff_tariff_id'), ['tariff_id'], unique=False)

    op.create_table('program_blocking',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('programme_id', types.BigId, nullable=True),
    sa.Column('channel_prefix', types.key_text(255), nullable=False),
    sa.Column('start', types.UtcDateTime(), nullable=True),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_program_blocking_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['programme_id'], ['epg_programme.id'], name=op.f('fk_program_blocking_programme_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program_blocking')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('program_blocking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_program_blocking_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_program_blocking_programme_id'), ['programme_id'], unique=False)

    op.create_table('tariff_channel',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_tariff_channel_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_channel_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'channel_id', name=op.f('pk_tariff_channel')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_channel_channel_id'), ['channel_id'], unique=False)

    op.create_table('tariff_stream_service',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_tariff_stream_service_stream_service_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_stream_service_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'stream_service_id', name=op.f('pk_tariff_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_stream_service_stream_service_id'), ['stream_service_id'], unique=False)

    op.create_table('account_channel',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('is_favorited', sa.Boolean(), nullable=False),
    sa.Column('is_hidden', sa.Boolean(), nullable=False),
    sa.Column('is_parent_control', sa.Boolean(), nullable=True),
    sa.Column('last_watched_at', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_channel_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_account_channel_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_account_channel_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_channel')),
    sa.UniqueConstraint('account_id', 'channel_id', name=op.f('uq_account_channel_account_id_channel_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('account_channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_channel_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_channel_client_id'), ['client_id'], unique=False)

    op.create_table('account_subnet',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('cidr', sa.String(length=64), nullable=False),
    sa.Column('low', sa.LargeBinary(length=16), nullable=False),
    sa.Column('high', sa.LargeBinary(length=16), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_subnet_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_account_subnet_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_subnet')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('account_subnet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_subnet_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_subnet_client_id'), ['client_id'], unique=False)

    op.create_table('account_tariff',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('valid_from', types.UtcDateTime(), nullable=True),
    sa.Column('valid_until', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_tariff_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_account_tariff_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_account_tariff_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_tariff')),
    sa.UniqueConstraint('account_id', 'tariff_id', name=op.f('uq_account_tariff_account_id_tariff_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('account_tariff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_tariff_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_tariff_tariff_id'), ['tariff_id'], unique=False)

    op.create_table('content_position',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('content_type', sa.String(length=16), nullable=False),
    sa.Column('content_id', types.BigId, nullable=False),
    sa.Column('asset_id', types.BigId, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('duration', sa.Integer(), nullable=False),
    sa.Column('is_viewed', sa.Boolean(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_content_position_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_content_position_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_content_position')),
    sa.UniqueConstraint('account_id', 'content_type', 'content_id', 'asset_id', name=op.f('uq_content_position_account_id_content_type_content_id_asset_id')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('content_position', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_content_position_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_content_position_updated_at'), ['updated_at'], unique=False)

    op.create_table('device',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('play_device_id', types.BigId, nullable=False),
    sa.Column('device_uid', types.key_text(128), nullable=False),
    sa.Column('serial', sa.String(length=128), nullable=False),
    sa.Column('brand', sa.String(length=128), nullable=False),
    sa.Column('model', sa.String(length=128), nullable=False),
    sa.Column('diagonal', sa.String(length=16), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_device_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_device_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['play_device_id'], ['play_device.id'], name=op.f('fk_device_play_device_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('client_id', 'device_uid', name=op.f('uq_device_client_id_device_uid')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_play_device_id'), ['play_device_id'], unique=False)

    op.create_table('message',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('uuid', types.key_text(36), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('no_confirmation', sa.Boolean(), nullable=False),
    sa.Column('delete_after_reading', sa.Boolean(), nullable=False),
    sa.Column('was_sent', sa.Boolean(), nullable=False),
    sa.Column('was_read', sa.Boolean(), nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('expires_at', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_message_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_message_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('uuid', name=op.f('uq_message_uuid')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_created_at'), ['created_at'], unique=False)

    op.create_table('session',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('authkey_hash', types.key_text(64), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('device_id', types.BigId, nullable=True),
    sa.Column('device', types.key_text(64), nullable=False),
    sa.Column('device_uid', types.key_text(128), nullable=False),
    sa.Column('basic', sa.Boolean(), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('model', sa.String(length=128), nullable=False),
    sa.Column('app_build_version', sa.String(length=64), nullable=False),
    sa.Column('profile_id', sa.Integer(), nullable=True),
    sa.Column('country_id', types.BigId, nullable=True),
    sa.Column('city_id', types.BigId, nullable=True),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('last_seen_at', types.UtcDateTime(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_session_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['city_id'], ['city.id'], name=op.f('fk_session_city_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_session_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['country_id'], ['country.id'], name=op.f('fk_session_country_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_session_device_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session')),
    sa.UniqueConstraint('authkey_hash', name=op.f('uq_session_authkey_hash')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_device_id'), ['device_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_last_seen_at'), ['last_seen_at'], unique=False)

    op.create_table('device_command',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('session_id', types.BigId, nullable=True),
    sa.Column('type', sa.Integer(), nullable=False),
    sa.Column('user_confirmation', sa.Boolean(), nullable=False),
    sa.Column('deep_link', sa.Text(), nullable=False),
    sa.Column('accompanying_text', sa.Text(), nullable=False),
    sa.Column('image_url', sa.Text(), nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('taken_at', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_device_command_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_device_command_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_device_command_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device_command')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('device_command', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_command_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_command_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_command_session_id'), ['session_id'], unique=False)

    op.create_table('stream_token',
    sa.Column('token_hash', types.key_text(64), nullable=False),
    sa.Column('account_id', types.BigId, nullable=True),
    sa.Column('session_id', types.BigId, nullable=True),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.Column('content_type', sa.String(length=16), nullable=False),
    sa.Column('content_id', types.BigId, nullable=False),
    sa.Column('content_name', types.key_text(255), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('check_ip', sa.Boolean(), nullable=False),
    sa.Column('max_sessions', sa.Integer(), nullable=False),
    sa.Column('issued_at', types.UtcDateTime(), nullable=False),
    sa.Column('expires_at', types.UtcDateTime(), nullable=False),
    sa.Column('max_expires_at', types.UtcDateTime(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_stream_token_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_stream_token_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_stream_token_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_stream_token_stream_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_stream_token')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('stream_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_token_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_token_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_token_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_token_session_id'), ['session_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_token_stream_service_id'), ['stream_service_id'], unique=False)



def downgrade() -> None:
    raise RuntimeError("steps are not taken back; restore a backup instead")
