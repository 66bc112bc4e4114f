"""Streams of every kind"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from smarty_core.storage import types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('address_group',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_address_group_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_group')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('address_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_address_group_client_id'), ['client_id'], unique=False)

    op.create_table('maintenance',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('begin', types.UtcDateTime(), nullable=False),
    sa.Column('end', types.UtcDateTime(), nullable=True),
    sa.Column('unavailable', sa.Boolean(), nullable=False),
    sa.Column('finished', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_maintenance_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_maintenance')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('maintenance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_maintenance_client_id'), ['client_id'], unique=False)

    op.create_table('radio',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('uri', sa.Text(), nullable=False),
    sa.Column('url_prefix', types.key_text(255), nullable=False),
    sa.Column('icon_url', sa.Text(), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_radio_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_radio')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('radio', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_radio_client_id'), ['client_id'], unique=False)

    op.create_table('stream_trigger',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('type', types.key_text(16), nullable=False),
    sa.Column('key', types.key_text(32), nullable=False),
    sa.Column('lower', sa.Float(), nullable=True),
    sa.Column('upper', sa.Float(), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_stream_trigger_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream_trigger')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('stream_trigger', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_trigger_client_id'), ['client_id'], unique=False)

    op.create_table('address',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('group_id', types.BigId, nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('email', types.key_text(254), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_address_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['group_id'], ['address_group.id'], name=op.f('fk_address_group_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address')),
    sa.UniqueConstraint('group_id', 'email', name=op.f('uq_address_group_id_email')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_address_client_id'), ['client_id'], unique=False)

    op.create_table('camera',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('parental_control', sa.Boolean(), nullable=False),
    sa.Column('uri', sa.Text(), nullable=False),
    sa.Column('url_prefix', types.key_text(255), nullable=False),
    sa.Column('multicast_uri', sa.Text(), nullable=False),
    sa.Column('id_override', sa.String(length=64), nullable=False),
    sa.Column('preview_url', sa.Text(), nullable=False),
    sa.Column('icon_url', sa.Text(), nullable=False),
    sa.Column('recording_days', sa.Integer(), nullable=False),
    sa.Column('city_id', types.BigId, nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['city.id'], name=op.f('fk_camera_city_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_camera_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_camera')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('camera', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_camera_city_id'), ['city_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_camera_client_id'), ['client_id'], unique=False)

    op.create_table('stream_monitor',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('data_center_id', types.BigId, nullable=True),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('last_seen_at', types.UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.String(length=255), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_stream_monitor_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['data_center_id'], ['data_center.id'], name=op.f('fk_stream_monitor_data_center_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream_monitor')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('stream_monitor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_monitor_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_monitor_data_center_id'), ['data_center_id'], unique=False)

    op.create_table('tariff_radio',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('radio_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['radio_id'], ['radio.id'], name=op.f('fk_tariff_radio_radio_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_radio_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'radio_id', name=op.f('pk_tariff_radio')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_radio', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_radio_radio_id'), ['radio_id'], unique=False)

    op.create_table('trigger_address_group',
    sa.Column('stream_trigger_id', types.BigId, nullable=False),
    sa.Column('address_group_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['address_group_id'], ['address_group.id'], name=op.f('fk_trigger_address_group_address_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_trigger_id'], ['stream_trigger.id'], name=op.f('fk_trigger_address_group_stream_trigger_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('stream_trigger_id', 'address_group_id', name=op.f('pk_trigger_address_group')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('trigger_address_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trigger_address_group_address_group_id'), ['address_group_id'], unique=False)

    op.create_table('camera_stream_service',
    sa.Column('camera_id', types.BigId, nullable=False),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['camera_id'], ['camera.id'], name=op.f('fk_camera_stream_service_camera_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_camera_stream_service_stream_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('camera_id', 'stream_service_id', name=op.f('pk_camera_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('camera_stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_camera_stream_service_stream_service_id'), ['stream_service_id'], unique=False)

    op.create_table('maintenance_channel',
    sa.Column('maintenance_id', types.BigId, nullable=False),
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_maintenance_channel_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['maintenance_id'], ['maintenance.id'], name=op.f('fk_maintenance_channel_maintenance_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('maintenance_id', 'channel_id', name=op.f('pk_maintenance_channel')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('maintenance_channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_maintenance_channel_channel_id'), ['channel_id'], unique=False)

    op.create_table('maintenance_stream_service',
    sa.Column('maintenance_id', types.BigId, nullable=False),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['maintenance_id'], ['maintenance.id'], name=op.f('fk_maintenance_stream_service_maintenance_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_maintenance_stream_service_stream_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('maintenance_id', 'stream_service_id', name=op.f('pk_maintenance_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('maintenance_stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_maintenance_stream_service_stream_service_id'), ['stream_service_id'], unique=False)

    op.create_table('monitored_stream',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('monitor_id', types.BigId, nullable=False),
    sa.Column('channel_id', types.BigId, nullable=True),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('address', types.key_text(255), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_monitored_stream_channel_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_monitored_stream_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['monitor_id'], ['stream_monitor.id'], name=op.f('fk_monitored_stream_monitor_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_monitored_stream')),
    sa.UniqueConstraint('monitor_id', 'address', name=op.f('uq_monitored_stream_monitor_id_address')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('monitored_stream', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_monitored_stream_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_monitored_stream_client_id'), ['client_id'], unique=False)

    op.create_table('radio_stream_service',
    sa.Column('radio_id', types.BigId, nullable=False),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['radio_id'], ['radio.id'], name=op.f('fk_radio_stream_service_radio_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_radio_stream_service_stream_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('radio_id', 'stream_service_id', name=op.f('pk_radio_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('radio_stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_radio_stream_service_stream_service_id'), ['stream_service_id'], unique=False)

    op.create_table('tariff_camera',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('camera_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['camera_id'], ['camera.id'], name=op.f('fk_tariff_camera_camera_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_camera_tariff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'camera_id', name=op.f('pk_tariff_camera')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_camera', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_camera_camera_id'), ['camera_id'], unique=False)

    op.create_table('video',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('original_name', sa.String(length=255), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('duration', sa.Integer(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('parental_control', sa.Boolean(), nullable=False),
    sa.Column('uri', sa.Text(), nullable=False),
    sa.Column('url_prefix', types.key_text(255), nullable=False),
    sa.Column('id_override', sa.String(length=64), nullable=False),
    sa.Column('poster_url', sa.Text(), nullable=False),
    sa.Column('available_from', types.UtcDateTime(), nullable=True),
    sa.Column('available_until', types.UtcDateTime(), nullable=True),
    sa.Column('channel_id', types.BigId, nullable=True),
    sa.Column('programme_id', types.BigId, nullable=True),
    sa.Column('recorded_from', types.UtcDateTime(), nullable=True),
    sa.Column('recorded_until', types.UtcDateTime(), nullable=True),
    sa.Column('ext_id', types.key_text(64), nullable=False),
    sa.Column('drm_available', sa.Boolean(), nullable=False),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('meta', types.Json(), nullable=True),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_video_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_video_client_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_video')),
    sa.UniqueConstraint('channel_id', 'recorded_from', name=op.f('uq_video_channel_id_recorded_from')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('video', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_video_available_until'), ['available_until'], unique=False)
        batch_op.create_index(batch_op.f('ix_video_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_video_client_id'), ['client_id'], unique=False)

    op.create_table('accident',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('trigger_id', types.BigId, nullable=False),
    sa.Column('monitor_id', types.BigId, nullable=False),
    sa.Column('stream_id', types.BigId, nullable=True),
    sa.Column('value', sa.String(length=64), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('begun_at', types.UtcDateTime(), nullable=False),
    sa.Column('ended_at', types.UtcDateTime(), nullable=True),
    sa.Column('told_at', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_accident_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['monitor_id'], ['stream_monitor.id'], name=op.f('fk_accident_monitor_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_id'], ['monitored_stream.id'], name=op.f('fk_accident_stream_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['trigger_id'], ['stream_trigger.id'], name=op.f('fk_accident_trigger_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accident')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('accident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accident_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_accident_ended_at'), ['ended_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_accident_monitor_id'), ['monitor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_accident_stream_id'), ['stream_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_accident_trigger_id'), ['trigger_id'], unique=False)

    op.create_table('account_camera',
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('camera_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_camera_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['camera_id'], ['camera.id'], name=op.f('fk_account_camera_camera_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'camera_id', name=op.f('pk_account_camera')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('account_camera', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_camera_camera_id'), ['camera_id'], unique=False)

    op.create_table('npvr_task',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('account_id', types.BigId, nullable=False),
    sa.Column('channel_id', types.BigId, nullable=False),
    sa.Column('programme_id', types.BigId, nullable=True),
    sa.Column('stream_service_id', types.BigId, nullable=True),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('begin', types.UtcDateTime(), nullable=False),
    sa.Column('end', types.UtcDateTime(), nullable=False),
    sa.Column('status', types.key_text(16), nullable=False),
    sa.Column('external_id', sa.String(length=64), nullable=False),
    sa.Column('error', sa.String(length=255), nullable=False),
    sa.Column('expires_at', types.UtcDateTime(), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('updated_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_npvr_task_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_npvr_task_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_npvr_task_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_npvr_task_stream_service_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_npvr_task')),
    sa.UniqueConstraint('account_id', 'channel_id', 'begin', name=op.f('uq_npvr_task_account_id_channel_id_begin')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('npvr_task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_npvr_task_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_npvr_task_client_id'), ['client_id'], unique=False)
        batch_op.create_index('ix_npvr_task_due', ['status', 'begin'], unique=False)
        batch_op.create_index(batch_op.f('ix_npvr_task_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_npvr_task_stream_service_id'), ['stream_service_id'], unique=False)

    op.create_table('stream_sample',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('monitor_id', types.BigId, nullable=False),
    sa.Column('stream_id', types.BigId, nullable=True),
    sa.Column('taken_at', types.UtcDateTime(), nullable=False),
    sa.Column('values', types.Json(), nullable=False),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_stream_sample_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['monitor_id'], ['stream_monitor.id'], name=op.f('fk_stream_sample_monitor_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stream_id'], ['monitored_stream.id'], name=op.f('fk_stream_sample_stream_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stream_sample')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('stream_sample', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_sample_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_sample_monitor_id'), ['monitor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_sample_stream_id'), ['stream_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stream_sample_taken_at'), ['taken_at'], unique=False)

    op.create_table('tariff_video',
    sa.Column('tariff_id', types.BigId, nullable=False),
    sa.Column('video_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['tariff_id'], ['tariff.id'], name=op.f('fk_tariff_video_tariff_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['video_id'], ['video.id'], name=op.f('fk_tariff_video_video_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tariff_id', 'video_id', name=op.f('pk_tariff_video')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('tariff_video', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tariff_video_video_id'), ['video_id'], unique=False)

    op.create_table('video_file',
    sa.Column('id', types.BigId, sa.Identity(always=False), nullable=False),
    sa.Column('video_id', types.BigId, nullable=False),
    sa.Column('file', types.key_text(255), nullable=False),
    sa.Column('uri', sa.Text(), nullable=False),
    sa.Column('duration', sa.Integer(), nullable=False),
    sa.Column('is_trailer', sa.Boolean(), nullable=False),
    sa.Column('quality', sa.Integer(), nullable=False),
    sa.Column('ext_id', types.key_text(64), nullable=False),
    sa.Column('tracks', types.Json(), nullable=True),
    sa.Column('sort', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_lang1', sa.String(length=255), nullable=True),
    sa.Column('name_lang2', sa.String(length=255), nullable=True),
    sa.Column('name_lang3', sa.String(length=255), nullable=True),
    sa.Column('name_lang4', sa.String(length=255), nullable=True),
    sa.Column('name_lang5', sa.String(length=255), nullable=True),
    sa.Column('client_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_video_file_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['video_id'], ['video.id'], name=op.f('fk_video_file_video_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_video_file')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB',
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('video_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_video_file_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_video_file_video_id'), ['video_id'], unique=False)

    op.create_table('video_stream_service',
    sa.Column('video_id', types.BigId, nullable=False),
    sa.Column('stream_service_id', types.BigId, nullable=False),
    sa.ForeignKeyConstraint(['stream_service_id'], ['stream_service.id'], name=op.f('fk_video_stream_service_stream_service_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['video_id'], ['video.id'], name=op.f('fk_video_stream_service_video_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('video_id', 'stream_service_id', name=op.f('pk_video_stream_service')),
    mariadb_charset='utf8mb4',
    mariadb_engine='InnoDB',
    mysql_charset='utf8mb4',
    mysql_engine='InnoDB'
    )
    with op.batch_alter_table('video_stream_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_video_stream_service_stream_service_id'), ['stream_service_id'], unique=False)

    # With defaults of the database: a release before this one writes rows of these tables, too.
    op.add_column('channel', sa.Column('lock_banner', sa.String(length=255), server_default='', nullable=False))
    op.add_column('channel', sa.Column('tracks', types.Json(), nullable=True))
    op.add_column('stream_service', sa.Column('check_path', sa.String(length=255), server_default='', nullable=False))
    op.add_column('stream_service', sa.Column('check_streak', sa.Integer(), server_default='0', nullable=False))
    op.add_column('stream_service', sa.Column('checked_at', types.UtcDateTime(), nullable=True))
    op.add_column('stream_service', sa.Column('check_result', types.Json(), nullable=True))
    op.add_column('stream_service', sa.Column('max_sessions', sa.Integer(), server_default='0', nullable=False))
    op.add_column('stream_service', sa.Column('session_count', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    raise RuntimeError("steps are not taken back; restore a backup instead")
