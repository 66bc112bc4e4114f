BEGIN TRANSACTION;
CREATE TABLE accident (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	trigger_id INTEGER NOT NULL, 
	monitor_id INTEGER NOT NULL, 
	stream_id INTEGER, 
	value VARCHAR(64) NOT NULL, 
	message TEXT NOT NULL, 
	begun_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	told_at DATETIME, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_accident_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_accident_monitor_id FOREIGN KEY(monitor_id) REFERENCES stream_monitor (id) ON DELETE CASCADE, 
	CONSTRAINT fk_accident_stream_id FOREIGN KEY(stream_id) REFERENCES monitored_stream (id) ON DELETE CASCADE, 
	CONSTRAINT fk_accident_trigger_id FOREIGN KEY(trigger_id) REFERENCES stream_trigger (id) ON DELETE CASCADE
);
INSERT INTO "accident" VALUES(1,1,1,1,'имя 1','имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "accident" VALUES(2,2,2,2,'имя 2','имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE account (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	customer_id INTEGER NOT NULL, 
	abonement VARCHAR(32) NOT NULL, 
	password VARCHAR(64) NOT NULL, 
	parent_code TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	status_reason VARCHAR(20) NOT NULL, 
	activation_date DATE, 
	deactivation_date DATE, 
	extension_date DATE, 
	auto_activation_period INTEGER, 
	data_center_id INTEGER, 
	template_id INTEGER, 
	allow_multiple_login BOOLEAN NOT NULL, 
	allow_login_by_abonement BOOLEAN NOT NULL, 
	allow_login_by_device_uid BOOLEAN NOT NULL, 
	allow_login_by_ip BOOLEAN NOT NULL, 
	allowed_device_groups TEXT, 
	use_timeshift BOOLEAN NOT NULL, 
	timeshift_offset INTEGER NOT NULL, 
	ext_id VARCHAR(64) NOT NULL, 
	option1 TEXT NOT NULL, 
	option2 TEXT NOT NULL, 
	option3 TEXT NOT NULL, 
	last_channel_id INTEGER, 
	last_seen_at DATETIME, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_account_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_data_center_id FOREIGN KEY(data_center_id) REFERENCES data_center (id) ON DELETE SET NULL, 
	CONSTRAINT fk_account_last_channel_id FOREIGN KEY(last_channel_id) REFERENCES channel (id) ON DELETE SET NULL, 
	CONSTRAINT fk_account_template_id FOREIGN KEY(template_id) REFERENCES play_device_template (id) ON DELETE SET NULL, 
	CONSTRAINT uq_account_client_id_abonement UNIQUE (client_id, abonement)
);
INSERT INTO "account" VALUES(1,1,'имя 1','имя 1','имя 1',1,'имя 1','2026-03-01','2026-03-01','2026-03-01',1,1,1,1,1,1,1,'[1,"строка"]',1,1,'имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "account" VALUES(2,2,'имя 2','имя 2','имя 2',0,'имя 2','2026-03-02','2026-03-02','2026-03-02',2,2,2,0,0,0,0,'[2,"строка"]',0,2,'имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE account_camera (
	account_id INTEGER NOT NULL, 
	camera_id INTEGER NOT NULL, 
	CONSTRAINT pk_account_camera PRIMARY KEY (account_id, camera_id), 
	CONSTRAINT fk_account_camera_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_camera_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE
);
INSERT INTO "account_camera" VALUES(1,1);
INSERT INTO "account_camera" VALUES(2,2);
CREATE TABLE account_channel (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	position INTEGER, 
	is_favorited BOOLEAN NOT NULL, 
	is_hidden BOOLEAN NOT NULL, 
	is_parent_control BOOLEAN, 
	last_watched_at DATETIME, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_account_channel_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_channel_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_channel_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT uq_account_channel_account_id_channel_id UNIQUE (account_id, channel_id)
);
INSERT INTO "account_channel" VALUES(1,1,1,1,1,1,1,'2026-03-01 12:30:00.250000',1);
INSERT INTO "account_channel" VALUES(2,2,2,2,0,0,0,'2026-03-02 12:30:00.250000',2);
CREATE TABLE account_subnet (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	cidr VARCHAR(64) NOT NULL, 
	low BLOB NOT NULL, 
	high BLOB NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_account_subnet_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_subnet_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "account_subnet" VALUES(1,1,'имя 1',X'00010001000100010001000100010001',X'00010001000100010001000100010001',1);
INSERT INTO "account_subnet" VALUES(2,2,'имя 2',X'00020002000200020002000200020002',X'00020002000200020002000200020002',2);
CREATE TABLE account_tariff (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	tariff_id INTEGER NOT NULL, 
	valid_from DATETIME, 
	valid_until DATETIME, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_account_tariff_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_tariff_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_account_tariff_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE, 
	CONSTRAINT uq_account_tariff_account_id_tariff_id UNIQUE (account_id, tariff_id)
);
INSERT INTO "account_tariff" VALUES(1,1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "account_tariff" VALUES(2,2,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE address (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	group_id INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_address_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_address_group_id FOREIGN KEY(group_id) REFERENCES address_group (id) ON DELETE CASCADE, 
	CONSTRAINT uq_address_group_id_email UNIQUE (group_id, email)
);
INSERT INTO "address" VALUES(1,1,'имя 1','имя 1',1,1);
INSERT INTO "address" VALUES(2,2,'имя 2','имя 2',0,2);
CREATE TABLE address_group (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_address_group_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "address_group" VALUES(1,'имя 1',1);
INSERT INTO "address_group" VALUES(2,'имя 2',2);
CREATE TABLE alembic_version_core (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_core_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version_core" VALUES('0003');
CREATE TABLE camera (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	enabled BOOLEAN NOT NULL, 
	parental_control BOOLEAN NOT NULL, 
	uri TEXT NOT NULL, 
	url_prefix VARCHAR(255) NOT NULL, 
	multicast_uri TEXT NOT NULL, 
	id_override VARCHAR(64) NOT NULL, 
	preview_url TEXT NOT NULL, 
	icon_url TEXT NOT NULL, 
	recording_days INTEGER NOT NULL, 
	city_id INTEGER, 
	comment TEXT NOT NULL, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_camera_city_id FOREIGN KEY(city_id) REFERENCES city (id) ON DELETE SET NULL, 
	CONSTRAINT fk_camera_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "camera" VALUES(1,1,1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,1,'имя 1',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "camera" VALUES(2,0,0,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,2,'имя 2',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE camera_stream_service (
	camera_id INTEGER NOT NULL, 
	stream_service_id INTEGER NOT NULL, 
	CONSTRAINT pk_camera_stream_service PRIMARY KEY (camera_id, stream_service_id), 
	CONSTRAINT fk_camera_stream_service_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE, 
	CONSTRAINT fk_camera_stream_service_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE
);
INSERT INTO "camera_stream_service" VALUES(1,1);
INSERT INTO "camera_stream_service" VALUES(2,2);
CREATE TABLE category (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	description TEXT NOT NULL, 
	color VARCHAR(16) NOT NULL, 
	icon_url VARCHAR(255) NOT NULL, 
	icon_tv_url VARCHAR(255) NOT NULL, 
	dashboard_icon_url VARCHAR(255) NOT NULL, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_category_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "category" VALUES(1,'имя 1','имя 1','имя 1','имя 1','имя 1',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1);
INSERT INTO "category" VALUES(2,'имя 2','имя 2','имя 2','имя 2','имя 2',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2);
CREATE TABLE channel (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	epg_channel_id INTEGER, 
	category_id INTEGER, 
	enabled BOOLEAN NOT NULL, 
	parental_control BOOLEAN NOT NULL, 
	icon_url TEXT NOT NULL, 
	url_prefix VARCHAR(255) NOT NULL, 
	uri TEXT NOT NULL, 
	multicast_uri TEXT NOT NULL, 
	recording_multicast_uri TEXT NOT NULL, 
	id_override VARCHAR(64) NOT NULL, 
	comment TEXT NOT NULL, 
	sort INTEGER NOT NULL, 
	lcn_number INTEGER NOT NULL, 
	show_in_all BOOLEAN NOT NULL, 
	display_on_site BOOLEAN NOT NULL, 
	recording_days INTEGER NOT NULL, 
	pause_live_tv_shift INTEGER NOT NULL, 
	aspect_ratio INTEGER NOT NULL, 
	ads_available BOOLEAN NOT NULL, 
	drm_available BOOLEAN NOT NULL, 
	hbb TEXT, 
	telemeter VARCHAR(255) NOT NULL, 
	telemeter_account_name VARCHAR(255) NOT NULL, 
	telemeter_tmsec_name VARCHAR(255) NOT NULL, 
	telemeter_cat_id VARCHAR(255) NOT NULL, 
	telemeter_vc_id VARCHAR(255) NOT NULL, 
	telemeter_vc_version VARCHAR(255) NOT NULL, 
	mediahills_id VARCHAR(64) NOT NULL, 
	option1 TEXT NOT NULL, 
	option2 TEXT NOT NULL, 
	option3 TEXT NOT NULL, 
	meta TEXT, 
	version INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, lock_banner VARCHAR(255) DEFAULT '' NOT NULL, tracks TEXT, 
	CONSTRAINT fk_channel_category_id FOREIGN KEY(category_id) REFERENCES category (id) ON DELETE SET NULL, 
	CONSTRAINT fk_channel_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_channel_epg_channel_id FOREIGN KEY(epg_channel_id) REFERENCES epg_channel (id) ON DELETE SET NULL
);
INSERT INTO "channel" VALUES(1,1,1,1,1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,1,1,1,1,1,1,1,1,'[1,"строка"]','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','[1,"строка"]',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','имя 1','[1,"строка"]');
INSERT INTO "channel" VALUES(2,2,2,0,0,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,2,0,0,2,2,2,0,0,'[2,"строка"]','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','[2,"строка"]',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','имя 2','[2,"строка"]');
CREATE TABLE channel_category (
	channel_id INTEGER NOT NULL, 
	category_id INTEGER NOT NULL, 
	CONSTRAINT pk_channel_category PRIMARY KEY (channel_id, category_id), 
	CONSTRAINT fk_channel_category_category_id FOREIGN KEY(category_id) REFERENCES category (id) ON DELETE CASCADE, 
	CONSTRAINT fk_channel_category_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE
);
INSERT INTO "channel_category" VALUES(1,1);
INSERT INTO "channel_category" VALUES(2,2);
CREATE TABLE channel_sort (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_channel_sort_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "channel_sort" VALUES(1,1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1);
INSERT INTO "channel_sort" VALUES(2,2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2);
CREATE TABLE channel_sort_item (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel_sort_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT fk_channel_sort_item_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_channel_sort_item_channel_sort_id FOREIGN KEY(channel_sort_id) REFERENCES channel_sort (id) ON DELETE CASCADE, 
	CONSTRAINT uq_channel_sort_item_channel_sort_id_channel_id UNIQUE (channel_sort_id, channel_id)
);
INSERT INTO "channel_sort_item" VALUES(1,1,1,1);
INSERT INTO "channel_sort_item" VALUES(2,2,2,2);
CREATE TABLE channel_stream_service (
	channel_id INTEGER NOT NULL, 
	stream_service_id INTEGER NOT NULL, 
	CONSTRAINT pk_channel_stream_service PRIMARY KEY (channel_id, stream_service_id), 
	CONSTRAINT fk_channel_stream_service_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_channel_stream_service_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE
);
INSERT INTO "channel_stream_service" VALUES(1,1);
INSERT INTO "channel_stream_service" VALUES(2,2);
CREATE TABLE city (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	country_id INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	CONSTRAINT fk_city_country_id FOREIGN KEY(country_id) REFERENCES country (id) ON DELETE CASCADE, 
	CONSTRAINT uq_city_country_id_name UNIQUE (country_id, name)
);
INSERT INTO "city" VALUES(1,1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1');
INSERT INTO "city" VALUES(2,2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2');
CREATE TABLE client (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	email VARCHAR(255) NOT NULL, 
	domain_prefix VARCHAR(64) NOT NULL, 
	site VARCHAR(255) NOT NULL, 
	uid VARCHAR(64) NOT NULL, 
	api_key TEXT NOT NULL, 
	billing_api_key TEXT NOT NULL, 
	content_api_key TEXT NOT NULL, 
	streaming_api_key TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	payment_method VARCHAR(64) NOT NULL, 
	max_trial_days INTEGER NOT NULL, 
	contract_mask VARCHAR(255) NOT NULL, 
	invoice_mask VARCHAR(255) NOT NULL, 
	geo_locator VARCHAR(64) NOT NULL, 
	time_zone VARCHAR(64) NOT NULL, 
	external_client_id INTEGER, 
	parent_id INTEGER, 
	api_url VARCHAR(255) NOT NULL, 
	redirect_url VARCHAR(255) NOT NULL, 
	logo_url VARCHAR(255) NOT NULL, 
	channel_autosort VARCHAR(16) NOT NULL, 
	subscription_model BOOLEAN NOT NULL, 
	permissions TEXT, 
	portal_config TEXT, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_client_parent_id FOREIGN KEY(parent_id) REFERENCES client (id) ON DELETE SET NULL, 
	CONSTRAINT uq_client_domain_prefix UNIQUE (domain_prefix)
);
INSERT INTO "client" VALUES(1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'1','имя 1',1,'имя 1','имя 1','имя 1','имя 1',1,NULL,'имя 1','имя 1','имя 1','имя 1',1,'[1,"строка"]','[1,"строка"]','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "client" VALUES(2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',0,'2','имя 2',2,'имя 2','имя 2','имя 2','имя 2',2,2,'имя 2','имя 2','имя 2','имя 2',0,'[2,"строка"]','[2,"строка"]','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE client_play_device (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	play_device_id INTEGER NOT NULL, 
	template_id INTEGER, 
	enabled BOOLEAN NOT NULL, 
	basic BOOLEAN NOT NULL, 
	priority INTEGER NOT NULL, 
	available_for_uid BOOLEAN NOT NULL, 
	auth_mode VARCHAR(32) NOT NULL, 
	visible_menus TEXT, 
	login_text TEXT NOT NULL, 
	logo_url VARCHAR(255) NOT NULL, 
	logo_login_url VARCHAR(255) NOT NULL, 
	logo_loading_url VARCHAR(255) NOT NULL, 
	css_url VARCHAR(255) NOT NULL, 
	api_url VARCHAR(255) NOT NULL, 
	data_autorefresh BOOLEAN NOT NULL, 
	reports_enabled BOOLEAN NOT NULL, 
	standby_timer INTEGER NOT NULL, 
	pvr_standby_timer INTEGER NOT NULL, 
	portal_config TEXT, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_client_play_device_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_client_play_device_play_device_id FOREIGN KEY(play_device_id) REFERENCES play_device (id) ON DELETE CASCADE, 
	CONSTRAINT fk_client_play_device_template_id FOREIGN KEY(template_id) REFERENCES play_device_template (id) ON DELETE SET NULL, 
	CONSTRAINT uq_client_play_device_client_id_play_device_id UNIQUE (client_id, play_device_id)
);
INSERT INTO "client_play_device" VALUES(1,1,1,1,1,1,1,'имя 1','[1,"строка"]','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,1,1,1,'[1,"строка"]',1);
INSERT INTO "client_play_device" VALUES(2,2,2,0,0,2,0,'имя 2','[2,"строка"]','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',0,0,2,2,'[2,"строка"]',2);
CREATE TABLE command_lock (
	name VARCHAR(190) NOT NULL, 
	owner VARCHAR(190) NOT NULL, 
	acquired_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_command_lock PRIMARY KEY (name)
);
INSERT INTO "command_lock" VALUES('имя 1','имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "command_lock" VALUES('имя 2','имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE content_position (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	content_type VARCHAR(16) NOT NULL, 
	content_id INTEGER NOT NULL, 
	asset_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	duration INTEGER NOT NULL, 
	is_viewed BOOLEAN NOT NULL, 
	updated_at DATETIME NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_content_position_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_content_position_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT uq_content_position_account_id_content_type_content_id_asset_id UNIQUE (account_id, content_type, content_id, asset_id)
);
INSERT INTO "content_position" VALUES(1,1,'имя 1',1,1,1,1,1,'2026-03-01 12:30:00.250000',1);
INSERT INTO "content_position" VALUES(2,2,'имя 2',2,2,2,2,0,'2026-03-02 12:30:00.250000',2);
CREATE TABLE country (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	code VARCHAR(2) NOT NULL, 
	phone_code VARCHAR(8) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	CONSTRAINT uq_country_code UNIQUE (code)
);
INSERT INTO "country" VALUES(1,'1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1');
INSERT INTO "country" VALUES(2,'2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2');
CREATE TABLE customer (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	firstname VARCHAR(256) NOT NULL, 
	middlename VARCHAR(256) NOT NULL, 
	lastname VARCHAR(256) NOT NULL, 
	birthdate DATE, 
	passport_number VARCHAR(6) NOT NULL, 
	passport_series VARCHAR(4) NOT NULL, 
	passport_issue_date DATE, 
	passport_issued_by VARCHAR(128) NOT NULL, 
	postal_address_country VARCHAR(128) NOT NULL, 
	postal_address_city VARCHAR(128) NOT NULL, 
	postal_address_street VARCHAR(128) NOT NULL, 
	postal_address_bld VARCHAR(32) NOT NULL, 
	postal_address_apt VARCHAR(32) NOT NULL, 
	postal_address_zip VARCHAR(32) NOT NULL, 
	billing_address_street VARCHAR(128) NOT NULL, 
	billing_address_bld VARCHAR(32) NOT NULL, 
	billing_address_apt VARCHAR(32) NOT NULL, 
	billing_address_zip VARCHAR(32) NOT NULL, 
	mobile_phone_number VARCHAR(32) NOT NULL, 
	phone_number_1 VARCHAR(24) NOT NULL, 
	phone_number_2 VARCHAR(24) NOT NULL, 
	fax_phone_number VARCHAR(24) NOT NULL, 
	email VARCHAR(255) NOT NULL, 
	company_name VARCHAR(128) NOT NULL, 
	bank_account_blz VARCHAR(9) NOT NULL, 
	bank_account_bic VARCHAR(11) NOT NULL, 
	bank_account_number VARCHAR(40) NOT NULL, 
	bank_account_iban VARCHAR(34) NOT NULL, 
	bank_account_bank_name VARCHAR(128) NOT NULL, 
	bank_account_owner_name VARCHAR(128) NOT NULL, 
	contract_number VARCHAR(128) NOT NULL, 
	comment TEXT NOT NULL, 
	ext_id VARCHAR(64) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	autopayment BOOLEAN NOT NULL, 
	send_sms_messages BOOLEAN NOT NULL, 
	send_email_messages BOOLEAN NOT NULL, 
	billing_instance_id INTEGER, 
	meta TEXT, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_customer_billing_instance_id FOREIGN KEY(billing_instance_id) REFERENCES plugin_instance (id) ON DELETE SET NULL, 
	CONSTRAINT fk_customer_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "customer" VALUES(1,'имя 1','имя 1','имя 1','2026-03-01','имя 1','1','2026-03-01','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','1',1,1,1,1,'[1,"строка"]',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "customer" VALUES(2,'имя 2','имя 2','имя 2','2026-03-02','имя 2','2','2026-03-02','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','2',0,0,0,2,'[2,"строка"]',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE customer_tariff (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	customer_id INTEGER NOT NULL, 
	tariff_id INTEGER NOT NULL, 
	valid_from DATETIME, 
	valid_until DATETIME, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_customer_tariff_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_customer_tariff_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE CASCADE, 
	CONSTRAINT fk_customer_tariff_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE, 
	CONSTRAINT uq_customer_tariff_customer_id_tariff_id UNIQUE (customer_id, tariff_id)
);
INSERT INTO "customer_tariff" VALUES(1,1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "customer_tariff" VALUES(2,2,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE data_center (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	location VARCHAR(255) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_data_center_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "data_center" VALUES(1,'имя 1','имя 1',1,1);
INSERT INTO "data_center" VALUES(2,'имя 2','имя 2',0,2);
CREATE TABLE device (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	play_device_id INTEGER NOT NULL, 
	device_uid VARCHAR(128) NOT NULL, 
	serial VARCHAR(128) NOT NULL, 
	brand VARCHAR(128) NOT NULL, 
	model VARCHAR(128) NOT NULL, 
	diagonal VARCHAR(16) NOT NULL, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_device_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_device_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_device_play_device_id FOREIGN KEY(play_device_id) REFERENCES play_device (id) ON DELETE CASCADE, 
	CONSTRAINT uq_device_client_id_device_uid UNIQUE (client_id, device_uid)
);
INSERT INTO "device" VALUES(1,1,1,'имя 1','имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "device" VALUES(2,2,2,'имя 2','имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE device_command (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	session_id INTEGER, 
	type INTEGER NOT NULL, 
	user_confirmation BOOLEAN NOT NULL, 
	deep_link TEXT NOT NULL, 
	accompanying_text TEXT NOT NULL, 
	image_url TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	taken_at DATETIME, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_device_command_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_device_command_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_device_command_session_id FOREIGN KEY(session_id) REFERENCES session (id) ON DELETE CASCADE
);
INSERT INTO "device_command" VALUES(1,1,1,1,1,'имя 1','имя 1','имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "device_command" VALUES(2,2,2,2,0,'имя 2','имя 2','имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE epg_category (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	system_name VARCHAR(64) NOT NULL, 
	icon_type VARCHAR(32) NOT NULL, 
	icon_url VARCHAR(255) NOT NULL, 
	icon_tv_url VARCHAR(255) NOT NULL, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	CONSTRAINT uq_epg_category_system_name UNIQUE (system_name)
);
INSERT INTO "epg_category" VALUES(1,'имя 1','имя 1','имя 1','имя 1',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1');
INSERT INTO "epg_category" VALUES(2,'имя 2','имя 2','имя 2','имя 2',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2');
CREATE TABLE epg_channel (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER, 
	source_channel_id VARCHAR(255) NOT NULL, 
	icon_url TEXT NOT NULL, 
	icons TEXT, 
	sort INTEGER NOT NULL, 
	utc_shift FLOAT NOT NULL, 
	category_id INTEGER, 
	imported_at DATETIME, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	CONSTRAINT fk_epg_channel_category_id FOREIGN KEY(category_id) REFERENCES epg_category (id) ON DELETE SET NULL, 
	CONSTRAINT fk_epg_channel_source_id FOREIGN KEY(source_id) REFERENCES epg_source (id) ON DELETE SET NULL, 
	CONSTRAINT uq_epg_channel_source_id_source_channel_id UNIQUE (source_id, source_channel_id)
);
INSERT INTO "epg_channel" VALUES(1,1,'имя 1','имя 1','[1,"строка"]',1,1.5,1,'2026-03-01 12:30:00.250000','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1');
INSERT INTO "epg_channel" VALUES(2,2,'имя 2','имя 2','[2,"строка"]',2,2.5,2,'2026-03-02 12:30:00.250000','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2');
CREATE TABLE epg_channel_category (
	epg_channel_id INTEGER NOT NULL, 
	epg_category_id INTEGER NOT NULL, 
	CONSTRAINT pk_epg_channel_category PRIMARY KEY (epg_channel_id, epg_category_id), 
	CONSTRAINT fk_epg_channel_category_epg_category_id FOREIGN KEY(epg_category_id) REFERENCES epg_category (id) ON DELETE CASCADE, 
	CONSTRAINT fk_epg_channel_category_epg_channel_id FOREIGN KEY(epg_channel_id) REFERENCES epg_channel (id) ON DELETE CASCADE
);
INSERT INTO "epg_channel_category" VALUES(1,1);
INSERT INTO "epg_channel_category" VALUES(2,2);
CREATE TABLE epg_channel_source (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	url_mask TEXT NOT NULL, 
	CONSTRAINT fk_epg_channel_source_source_id FOREIGN KEY(source_id) REFERENCES epg_source (id) ON DELETE CASCADE
);
INSERT INTO "epg_channel_source" VALUES(1,1,'имя 1');
INSERT INTO "epg_channel_source" VALUES(2,2,'имя 2');
CREATE TABLE epg_day (
	epg_channel_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	programmes INTEGER NOT NULL, marks BLOB, 
	CONSTRAINT pk_epg_day PRIMARY KEY (epg_channel_id, day), 
	CONSTRAINT fk_epg_day_epg_channel_id FOREIGN KEY(epg_channel_id) REFERENCES epg_channel (id) ON DELETE CASCADE
);
INSERT INTO "epg_day" VALUES(1,'2026-03-01','имя 1',1,X'00010001000100010001000100010001');
INSERT INTO "epg_day" VALUES(2,'2026-03-02','имя 2',2,X'00020002000200020002000200020002');
CREATE TABLE epg_genre (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	system_name VARCHAR(64) NOT NULL, 
	icon_url VARCHAR(255) NOT NULL, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	CONSTRAINT uq_epg_genre_system_name UNIQUE (system_name)
);
INSERT INTO "epg_genre" VALUES(1,'имя 1','имя 1',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1');
INSERT INTO "epg_genre" VALUES(2,'имя 2','имя 2',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2');
CREATE TABLE epg_premiere_source (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	CONSTRAINT fk_epg_premiere_source_source_id FOREIGN KEY(source_id) REFERENCES epg_source (id) ON DELETE CASCADE
);
INSERT INTO "epg_premiere_source" VALUES(1,1,'имя 1');
INSERT INTO "epg_premiere_source" VALUES(2,2,'имя 2');
CREATE TABLE epg_programme (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	epg_channel_id INTEGER NOT NULL, 
	start DATETIME NOT NULL, 
	stop DATETIME NOT NULL, 
	name TEXT NOT NULL, 
	short_name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	name_lang1 TEXT, 
	name_lang2 TEXT, 
	name_lang3 TEXT, 
	name_lang4 TEXT, 
	name_lang5 TEXT, 
	description_lang1 TEXT, 
	description_lang2 TEXT, 
	description_lang3 TEXT, 
	description_lang4 TEXT, 
	description_lang5 TEXT, 
	category_id INTEGER, 
	category_ids TEXT, 
	genre_ids TEXT, 
	rating INTEGER NOT NULL, 
	preview_url TEXT NOT NULL, 
	meta TEXT NOT NULL, 
	event_id VARCHAR(255) NOT NULL, 
	exact_start DATETIME, 
	exact_stop DATETIME, 
	CONSTRAINT fk_epg_programme_epg_channel_id FOREIGN KEY(epg_channel_id) REFERENCES epg_channel (id) ON DELETE CASCADE, 
	CONSTRAINT uq_epg_programme_epg_channel_id_start UNIQUE (epg_channel_id, start)
);
INSERT INTO "epg_programme" VALUES(1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'[1,"строка"]','[1,"строка"]',1,'имя 1','имя 1','имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "epg_programme" VALUES(2,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,'[2,"строка"]','[2,"строка"]',2,'имя 2','имя 2','имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE epg_source (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	parser VARCHAR(64) NOT NULL, 
	url_mask TEXT NOT NULL, 
	attributes TEXT, 
	time_zone VARCHAR(64) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	etag TEXT NOT NULL, 
	last_modified VARCHAR(64) NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	imported_at DATETIME, 
	CONSTRAINT uq_epg_source_name UNIQUE (name)
);
INSERT INTO "epg_source" VALUES(1,'имя 1','имя 1','имя 1','[1,"строка"]','имя 1',1,'имя 1','имя 1','имя 1','2026-03-01 12:30:00.250000');
INSERT INTO "epg_source" VALUES(2,'имя 2','имя 2','имя 2','[2,"строка"]','имя 2',0,'имя 2','имя 2','имя 2','2026-03-02 12:30:00.250000');
CREATE TABLE epg_source_category_map (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	source_name VARCHAR(255) NOT NULL, 
	category_id INTEGER NOT NULL, 
	CONSTRAINT fk_epg_source_category_map_category_id FOREIGN KEY(category_id) REFERENCES epg_category (id) ON DELETE CASCADE, 
	CONSTRAINT fk_epg_source_category_map_source_id FOREIGN KEY(source_id) REFERENCES epg_source (id) ON DELETE CASCADE, 
	CONSTRAINT uq_epg_source_category_map_source_id_source_name UNIQUE (source_id, source_name)
);
INSERT INTO "epg_source_category_map" VALUES(1,1,'имя 1',1);
INSERT INTO "epg_source_category_map" VALUES(2,2,'имя 2',2);
CREATE TABLE epg_source_genre_map (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source_id INTEGER NOT NULL, 
	source_name VARCHAR(255) NOT NULL, 
	genre_id INTEGER NOT NULL, 
	CONSTRAINT fk_epg_source_genre_map_genre_id FOREIGN KEY(genre_id) REFERENCES epg_genre (id) ON DELETE CASCADE, 
	CONSTRAINT fk_epg_source_genre_map_source_id FOREIGN KEY(source_id) REFERENCES epg_source (id) ON DELETE CASCADE, 
	CONSTRAINT uq_epg_source_genre_map_source_id_source_name UNIQUE (source_id, source_name)
);
INSERT INTO "epg_source_genre_map" VALUES(1,1,'имя 1',1);
INSERT INTO "epg_source_genre_map" VALUES(2,2,'имя 2',2);
CREATE TABLE job_run (
	name VARCHAR(190) NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	succeeded_at DATETIME, 
	seconds FLOAT, 
	status VARCHAR(16) NOT NULL, 
	error TEXT NOT NULL, 
	host VARCHAR(190) NOT NULL, 
	CONSTRAINT pk_job_run PRIMARY KEY (name)
);
INSERT INTO "job_run" VALUES('имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1.5,'имя 1','имя 1','имя 1');
INSERT INTO "job_run" VALUES('имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2.5,'имя 2','имя 2','имя 2');
CREATE TABLE maintenance (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	description TEXT NOT NULL, 
	"begin" DATETIME NOT NULL, 
	"end" DATETIME, 
	unavailable BOOLEAN NOT NULL, 
	finished BOOLEAN NOT NULL, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_maintenance_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "maintenance" VALUES(1,'имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1,1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "maintenance" VALUES(2,'имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',0,0,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE maintenance_channel (
	maintenance_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	CONSTRAINT pk_maintenance_channel PRIMARY KEY (maintenance_id, channel_id), 
	CONSTRAINT fk_maintenance_channel_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_maintenance_channel_maintenance_id FOREIGN KEY(maintenance_id) REFERENCES maintenance (id) ON DELETE CASCADE
);
INSERT INTO "maintenance_channel" VALUES(1,1);
INSERT INTO "maintenance_channel" VALUES(2,2);
CREATE TABLE maintenance_stream_service (
	maintenance_id INTEGER NOT NULL, 
	stream_service_id INTEGER NOT NULL, 
	CONSTRAINT pk_maintenance_stream_service PRIMARY KEY (maintenance_id, stream_service_id), 
	CONSTRAINT fk_maintenance_stream_service_maintenance_id FOREIGN KEY(maintenance_id) REFERENCES maintenance (id) ON DELETE CASCADE, 
	CONSTRAINT fk_maintenance_stream_service_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE
);
INSERT INTO "maintenance_stream_service" VALUES(1,1);
INSERT INTO "maintenance_stream_service" VALUES(2,2);
CREATE TABLE message (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	uuid VARCHAR(36) NOT NULL, 
	subject VARCHAR(255) NOT NULL, 
	text VARCHAR(2000) NOT NULL, 
	urgent BOOLEAN NOT NULL, 
	no_confirmation BOOLEAN NOT NULL, 
	delete_after_reading BOOLEAN NOT NULL, 
	was_sent BOOLEAN NOT NULL, 
	was_read BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_message_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_message_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT uq_message_uuid UNIQUE (uuid)
);
INSERT INTO "message" VALUES(1,1,'имя 1','имя 1','имя 1',1,1,1,1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "message" VALUES(2,2,'имя 2','имя 2','имя 2',0,0,0,0,0,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE monitored_stream (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	monitor_id INTEGER NOT NULL, 
	channel_id INTEGER, 
	name VARCHAR(255) NOT NULL, 
	address VARCHAR(255) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_monitored_stream_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE SET NULL, 
	CONSTRAINT fk_monitored_stream_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_monitored_stream_monitor_id FOREIGN KEY(monitor_id) REFERENCES stream_monitor (id) ON DELETE CASCADE, 
	CONSTRAINT uq_monitored_stream_monitor_id_address UNIQUE (monitor_id, address)
);
INSERT INTO "monitored_stream" VALUES(1,1,1,'имя 1','имя 1',1,1);
INSERT INTO "monitored_stream" VALUES(2,2,2,'имя 2','имя 2',0,2);
CREATE TABLE npvr_task (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	programme_id INTEGER, 
	stream_service_id INTEGER, 
	name VARCHAR(255) NOT NULL, 
	"begin" DATETIME NOT NULL, 
	"end" DATETIME NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	external_id VARCHAR(64) NOT NULL, 
	error VARCHAR(255) NOT NULL, 
	expires_at DATETIME, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_npvr_task_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_npvr_task_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_npvr_task_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_npvr_task_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE SET NULL, 
	CONSTRAINT uq_npvr_task_account_id_channel_id_begin UNIQUE (account_id, channel_id, "begin")
);
INSERT INTO "npvr_task" VALUES(1,1,1,1,1,'имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','имя 1','имя 1','имя 1','2026-03-01 12:30:00.250000',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "npvr_task" VALUES(2,2,2,2,2,'имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','имя 2','имя 2','имя 2','2026-03-02 12:30:00.250000',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE outbox_event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	plugin VARCHAR(64) NOT NULL, 
	hook VARCHAR(64) NOT NULL, 
	order_key VARCHAR(190) NOT NULL, 
	payload TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_attempt_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	last_error TEXT NOT NULL
);
INSERT INTO "outbox_event" VALUES(1,'имя 1','имя 1','имя 1','[1,"строка"]','2026-03-01 12:30:00.250000',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','имя 1');
INSERT INTO "outbox_event" VALUES(2,'имя 2','имя 2','имя 2','[2,"строка"]','2026-03-02 12:30:00.250000',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','имя 2');
CREATE TABLE play_device (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(64) NOT NULL, 
	system_name VARCHAR(64) NOT NULL, 
	answer_format VARCHAR(4) NOT NULL, 
	device_group INTEGER NOT NULL, 
	has_portal BOOLEAN NOT NULL, 
	CONSTRAINT uq_play_device_system_name UNIQUE (system_name)
);
INSERT INTO "play_device" VALUES(1,'имя 1','имя 1','1',1,1);
INSERT INTO "play_device" VALUES(2,'имя 2','имя 2','2',2,0);
CREATE TABLE play_device_template (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(64) NOT NULL, 
	path VARCHAR(64) NOT NULL, 
	CONSTRAINT uq_play_device_template_path UNIQUE (path)
);
INSERT INTO "play_device_template" VALUES(1,'имя 1','имя 1');
INSERT INTO "play_device_template" VALUES(2,'имя 2','имя 2');
CREATE TABLE plugin_attribute (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	instance_id INTEGER NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	value TEXT NOT NULL, 
	secret BOOLEAN NOT NULL, 
	CONSTRAINT fk_plugin_attribute_instance_id FOREIGN KEY(instance_id) REFERENCES plugin_instance (id) ON DELETE CASCADE, 
	CONSTRAINT uq_plugin_attribute_instance_id_key UNIQUE (instance_id, "key")
);
INSERT INTO "plugin_attribute" VALUES(1,1,'имя 1','имя 1',1);
INSERT INTO "plugin_attribute" VALUES(2,2,'имя 2','имя 2',0);
CREATE TABLE plugin_instance (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	capability VARCHAR(64) NOT NULL, 
	driver VARCHAR(64) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	title VARCHAR(255) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_plugin_instance_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT uq_plugin_instance_client_id_capability_name UNIQUE (client_id, capability, name)
);
INSERT INTO "plugin_instance" VALUES(1,'имя 1','имя 1','имя 1','имя 1',1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "plugin_instance" VALUES(2,'имя 2','имя 2','имя 2','имя 2',0,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE program_blocking (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	programme_id INTEGER, 
	channel_prefix VARCHAR(255) NOT NULL, 
	start DATETIME, 
	days INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	comment TEXT NOT NULL, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_program_blocking_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_program_blocking_programme_id FOREIGN KEY(programme_id) REFERENCES epg_programme (id) ON DELETE CASCADE
);
INSERT INTO "program_blocking" VALUES(1,1,'имя 1','2026-03-01 12:30:00.250000',1,'имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "program_blocking" VALUES(2,2,'имя 2','2026-03-02 12:30:00.250000',2,'имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE radio (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	description TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	uri TEXT NOT NULL, 
	url_prefix VARCHAR(255) NOT NULL, 
	icon_url TEXT NOT NULL, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_radio_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "radio" VALUES(1,'имя 1',1,'имя 1','имя 1','имя 1',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "radio" VALUES(2,'имя 2',0,'имя 2','имя 2','имя 2',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE radio_stream_service (
	radio_id INTEGER NOT NULL, 
	stream_service_id INTEGER NOT NULL, 
	CONSTRAINT pk_radio_stream_service PRIMARY KEY (radio_id, stream_service_id), 
	CONSTRAINT fk_radio_stream_service_radio_id FOREIGN KEY(radio_id) REFERENCES radio (id) ON DELETE CASCADE, 
	CONSTRAINT fk_radio_stream_service_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE
);
INSERT INTO "radio_stream_service" VALUES(1,1);
INSERT INTO "radio_stream_service" VALUES(2,2);
CREATE TABLE session (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	authkey_hash VARCHAR(64) NOT NULL, 
	account_id INTEGER NOT NULL, 
	device_id INTEGER, 
	device VARCHAR(64) NOT NULL, 
	device_uid VARCHAR(128) NOT NULL, 
	basic BOOLEAN NOT NULL, 
	ip VARCHAR(45) NOT NULL, 
	model VARCHAR(128) NOT NULL, 
	app_build_version VARCHAR(64) NOT NULL, 
	profile_id INTEGER, 
	country_id INTEGER, 
	city_id INTEGER, 
	created_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_session_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_session_city_id FOREIGN KEY(city_id) REFERENCES city (id) ON DELETE SET NULL, 
	CONSTRAINT fk_session_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_session_country_id FOREIGN KEY(country_id) REFERENCES country (id) ON DELETE SET NULL, 
	CONSTRAINT fk_session_device_id FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE CASCADE, 
	CONSTRAINT uq_session_authkey_hash UNIQUE (authkey_hash)
);
INSERT INTO "session" VALUES(1,'имя 1',1,1,'имя 1','имя 1',1,'имя 1','имя 1','имя 1',1,1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "session" VALUES(2,'имя 2',2,2,'имя 2','имя 2',0,'имя 2','имя 2','имя 2',2,2,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE stream_monitor (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	port INTEGER NOT NULL, 
	data_center_id INTEGER, 
	enabled BOOLEAN NOT NULL, 
	last_seen_at DATETIME, 
	last_error VARCHAR(255) NOT NULL, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_stream_monitor_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_monitor_data_center_id FOREIGN KEY(data_center_id) REFERENCES data_center (id) ON DELETE SET NULL
);
INSERT INTO "stream_monitor" VALUES(1,'имя 1','имя 1',1,1,1,'2026-03-01 12:30:00.250000','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "stream_monitor" VALUES(2,'имя 2','имя 2',2,2,0,'2026-03-02 12:30:00.250000','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE stream_sample (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	monitor_id INTEGER NOT NULL, 
	stream_id INTEGER, 
	taken_at DATETIME NOT NULL, 
	"values" TEXT NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_stream_sample_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_sample_monitor_id FOREIGN KEY(monitor_id) REFERENCES stream_monitor (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_sample_stream_id FOREIGN KEY(stream_id) REFERENCES monitored_stream (id) ON DELETE CASCADE
);
INSERT INTO "stream_sample" VALUES(1,1,1,'2026-03-01 12:30:00.250000','[1,"строка"]',1);
INSERT INTO "stream_sample" VALUES(2,2,2,'2026-03-02 12:30:00.250000','[2,"строка"]',2);
CREATE TABLE stream_service (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	data_center_id INTEGER, 
	type VARCHAR(16) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	router VARCHAR(64) NOT NULL, 
	routing VARCHAR(8) NOT NULL, 
	mask TEXT NOT NULL, 
	attributes TEXT, 
	host VARCHAR(255) NOT NULL, 
	port INTEGER NOT NULL, 
	secret TEXT NOT NULL, 
	control_by_api BOOLEAN NOT NULL, 
	check_ip BOOLEAN NOT NULL, 
	shift_hours INTEGER NOT NULL, 
	recording_days INTEGER NOT NULL, 
	record_length_hours INTEGER NOT NULL, 
	record_directory VARCHAR(255) NOT NULL, 
	split_time VARCHAR(8) NOT NULL, 
	storage_class VARCHAR(8) NOT NULL, 
	npvr_lifetime INTEGER NOT NULL, 
	check_ping BOOLEAN NOT NULL, 
	check_tcp BOOLEAN NOT NULL, 
	check_http BOOLEAN NOT NULL, 
	check_is_alive BOOLEAN NOT NULL, 
	available BOOLEAN NOT NULL, 
	load FLOAT NOT NULL, 
	sort INTEGER NOT NULL, 
	client_id INTEGER NOT NULL, check_path VARCHAR(255) DEFAULT '' NOT NULL, check_streak INTEGER DEFAULT '0' NOT NULL, checked_at DATETIME, check_result TEXT, max_sessions INTEGER DEFAULT '0' NOT NULL, session_count INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT fk_stream_service_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_service_data_center_id FOREIGN KEY(data_center_id) REFERENCES data_center (id) ON DELETE SET NULL
);
INSERT INTO "stream_service" VALUES(1,'имя 1',1,'имя 1',1,'имя 1','имя 1','имя 1','[1,"строка"]','имя 1',1,'имя 1',1,1,1,1,1,'имя 1','имя 1','имя 1',1,1,1,1,1,1,1.5,1,1,'имя 1',1,'2026-03-01 12:30:00.250000','[1,"строка"]',1,1);
INSERT INTO "stream_service" VALUES(2,'имя 2',2,'имя 2',0,'имя 2','имя 2','имя 2','[2,"строка"]','имя 2',2,'имя 2',0,0,2,2,2,'имя 2','имя 2','имя 2',2,0,0,0,0,0,2.5,2,2,'имя 2',2,'2026-03-02 12:30:00.250000','[2,"строка"]',2,2);
CREATE TABLE stream_token (
	token_hash VARCHAR(64) NOT NULL, 
	account_id INTEGER, 
	session_id INTEGER, 
	stream_service_id INTEGER NOT NULL, 
	content_type VARCHAR(16) NOT NULL, 
	content_id INTEGER NOT NULL, 
	content_name VARCHAR(255) NOT NULL, 
	ip VARCHAR(45) NOT NULL, 
	check_ip BOOLEAN NOT NULL, 
	max_sessions INTEGER NOT NULL, 
	issued_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	max_expires_at DATETIME NOT NULL, 
	client_id INTEGER NOT NULL, 
	CONSTRAINT pk_stream_token PRIMARY KEY (token_hash), 
	CONSTRAINT fk_stream_token_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_token_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_token_session_id FOREIGN KEY(session_id) REFERENCES session (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stream_token_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE
);
INSERT INTO "stream_token" VALUES('имя 1',1,1,1,'имя 1',1,'имя 1','имя 1',1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1);
INSERT INTO "stream_token" VALUES('имя 2',2,2,2,'имя 2',2,'имя 2','имя 2',0,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2);
CREATE TABLE stream_trigger (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	type VARCHAR(16) NOT NULL, 
	"key" VARCHAR(32) NOT NULL, 
	lower FLOAT, 
	upper FLOAT, 
	message TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_stream_trigger_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "stream_trigger" VALUES(1,'имя 1','имя 1','имя 1',1.5,1.5,'имя 1',1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "stream_trigger" VALUES(2,'имя 2','имя 2','имя 2',2.5,2.5,'имя 2',0,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE tag_version (
	tag VARCHAR(190) NOT NULL, 
	version BIGINT NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_tag_version PRIMARY KEY (tag)
);
INSERT INTO "tag_version" VALUES('имя 1',1,'2026-03-01 12:30:00.250000');
INSERT INTO "tag_version" VALUES('имя 2',2,'2026-03-02 12:30:00.250000');
CREATE TABLE tariff (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	description TEXT NOT NULL, 
	description_lang1 TEXT, 
	description_lang2 TEXT, 
	description_lang3 TEXT, 
	description_lang4 TEXT, 
	description_lang5 TEXT, 
	price BIGINT NOT NULL, 
	activation_price BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	period INTEGER NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	archived BOOLEAN NOT NULL, 
	assigned_by_default BOOLEAN NOT NULL, 
	required BOOLEAN NOT NULL, 
	basic_tariff_priority INTEGER NOT NULL, 
	sessions_count INTEGER NOT NULL, 
	basic_sessions_count INTEGER NOT NULL, 
	ip_restriction BOOLEAN NOT NULL, 
	allow_basic_devices BOOLEAN NOT NULL, 
	allow_additional_devices BOOLEAN NOT NULL, 
	available_for_inactive_accounts BOOLEAN NOT NULL, 
	available_everywhere BOOLEAN NOT NULL, 
	available_to_unsubscribe BOOLEAN NOT NULL, 
	display_in_channels_widget BOOLEAN NOT NULL, 
	used_for_channel_list BOOLEAN NOT NULL, 
	used_for_video_list BOOLEAN NOT NULL, 
	used_for_radio_list BOOLEAN NOT NULL, 
	ext_id VARCHAR(64) NOT NULL, 
	icon_url VARCHAR(255) NOT NULL, 
	icon_tv_url VARCHAR(255) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_tariff_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO "tariff" VALUES(1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',3009900,3009900,'1',1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "tariff" VALUES(2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',3019900,3019900,'2',2,0,0,0,0,0,2,2,2,0,0,0,0,0,0,0,0,0,0,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE tariff_camera (
	tariff_id INTEGER NOT NULL, 
	camera_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_camera PRIMARY KEY (tariff_id, camera_id), 
	CONSTRAINT fk_tariff_camera_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_camera_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE
);
INSERT INTO "tariff_camera" VALUES(1,1);
INSERT INTO "tariff_camera" VALUES(2,2);
CREATE TABLE tariff_channel (
	tariff_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_channel PRIMARY KEY (tariff_id, channel_id), 
	CONSTRAINT fk_tariff_channel_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_channel_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE
);
INSERT INTO "tariff_channel" VALUES(1,1);
INSERT INTO "tariff_channel" VALUES(2,2);
CREATE TABLE tariff_city (
	tariff_id INTEGER NOT NULL, 
	city_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_city PRIMARY KEY (tariff_id, city_id), 
	CONSTRAINT fk_tariff_city_city_id FOREIGN KEY(city_id) REFERENCES city (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_city_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE
);
INSERT INTO "tariff_city" VALUES(1,1);
INSERT INTO "tariff_city" VALUES(2,2);
CREATE TABLE tariff_country (
	tariff_id INTEGER NOT NULL, 
	country_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_country PRIMARY KEY (tariff_id, country_id), 
	CONSTRAINT fk_tariff_country_country_id FOREIGN KEY(country_id) REFERENCES country (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_country_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE
);
INSERT INTO "tariff_country" VALUES(1,1);
INSERT INTO "tariff_country" VALUES(2,2);
CREATE TABLE tariff_radio (
	tariff_id INTEGER NOT NULL, 
	radio_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_radio PRIMARY KEY (tariff_id, radio_id), 
	CONSTRAINT fk_tariff_radio_radio_id FOREIGN KEY(radio_id) REFERENCES radio (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_radio_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE
);
INSERT INTO "tariff_radio" VALUES(1,1);
INSERT INTO "tariff_radio" VALUES(2,2);
CREATE TABLE tariff_stream_service (
	tariff_id INTEGER NOT NULL, 
	stream_service_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_stream_service PRIMARY KEY (tariff_id, stream_service_id), 
	CONSTRAINT fk_tariff_stream_service_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_stream_service_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE
);
INSERT INTO "tariff_stream_service" VALUES(1,1);
INSERT INTO "tariff_stream_service" VALUES(2,2);
CREATE TABLE tariff_video (
	tariff_id INTEGER NOT NULL, 
	video_id INTEGER NOT NULL, 
	CONSTRAINT pk_tariff_video PRIMARY KEY (tariff_id, video_id), 
	CONSTRAINT fk_tariff_video_tariff_id FOREIGN KEY(tariff_id) REFERENCES tariff (id) ON DELETE CASCADE, 
	CONSTRAINT fk_tariff_video_video_id FOREIGN KEY(video_id) REFERENCES video (id) ON DELETE CASCADE
);
INSERT INTO "tariff_video" VALUES(1,1);
INSERT INTO "tariff_video" VALUES(2,2);
CREATE TABLE trigger_address_group (
	stream_trigger_id INTEGER NOT NULL, 
	address_group_id INTEGER NOT NULL, 
	CONSTRAINT pk_trigger_address_group PRIMARY KEY (stream_trigger_id, address_group_id), 
	CONSTRAINT fk_trigger_address_group_address_group_id FOREIGN KEY(address_group_id) REFERENCES address_group (id) ON DELETE CASCADE, 
	CONSTRAINT fk_trigger_address_group_stream_trigger_id FOREIGN KEY(stream_trigger_id) REFERENCES stream_trigger (id) ON DELETE CASCADE
);
INSERT INTO "trigger_address_group" VALUES(1,1);
INSERT INTO "trigger_address_group" VALUES(2,2);
CREATE TABLE user (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	username VARCHAR(150) NOT NULL, 
	password_hash VARCHAR(255) NOT NULL, 
	email VARCHAR(255) NOT NULL, 
	active BOOLEAN NOT NULL, 
	is_admin BOOLEAN NOT NULL, 
	is_superuser BOOLEAN NOT NULL, 
	is_monitoring BOOLEAN NOT NULL, 
	client_id INTEGER, 
	last_login_at DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_user_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT uq_user_username UNIQUE (username)
);
INSERT INTO "user" VALUES(1,'имя 1','имя 1','имя 1',1,1,1,1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "user" VALUES(2,'имя 2','имя 2','имя 2',0,0,0,0,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE user_right (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	user_id INTEGER NOT NULL, 
	section VARCHAR(64) NOT NULL, 
	can_view BOOLEAN NOT NULL, 
	can_create BOOLEAN NOT NULL, 
	can_edit BOOLEAN NOT NULL, 
	can_delete BOOLEAN NOT NULL, 
	CONSTRAINT fk_user_right_user_id FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, 
	CONSTRAINT uq_user_right_user_id_section UNIQUE (user_id, section)
);
INSERT INTO "user_right" VALUES(1,1,'имя 1',1,1,1,1);
INSERT INTO "user_right" VALUES(2,2,'имя 2',0,0,0,0);
CREATE TABLE video (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	original_name VARCHAR(255) NOT NULL, 
	description TEXT NOT NULL, 
	year INTEGER, 
	duration INTEGER NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	parental_control BOOLEAN NOT NULL, 
	uri TEXT NOT NULL, 
	url_prefix VARCHAR(255) NOT NULL, 
	id_override VARCHAR(64) NOT NULL, 
	poster_url TEXT NOT NULL, 
	available_from DATETIME, 
	available_until DATETIME, 
	channel_id INTEGER, 
	programme_id INTEGER, 
	recorded_from DATETIME, 
	recorded_until DATETIME, 
	ext_id VARCHAR(64) NOT NULL, 
	drm_available BOOLEAN NOT NULL, 
	sort INTEGER NOT NULL, 
	meta TEXT, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT fk_video_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_video_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT uq_video_channel_id_recorded_from UNIQUE (channel_id, recorded_from)
);
INSERT INTO "video" VALUES(1,'имя 1','имя 1',1,1,1,1,'имя 1','имя 1','имя 1','имя 1','2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000',1,1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000','имя 1',1,1,'[1,"строка"]','имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1,'2026-03-01 12:30:00.250000','2026-03-01 12:30:00.250000');
INSERT INTO "video" VALUES(2,'имя 2','имя 2',2,2,0,0,'имя 2','имя 2','имя 2','имя 2','2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000',2,2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000','имя 2',0,2,'[2,"строка"]','имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2,'2026-03-02 12:30:00.250000','2026-03-02 12:30:00.250000');
CREATE TABLE video_file (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	video_id INTEGER NOT NULL, 
	file VARCHAR(255) NOT NULL, 
	uri TEXT NOT NULL, 
	duration INTEGER NOT NULL, 
	is_trailer BOOLEAN NOT NULL, 
	quality INTEGER NOT NULL, 
	ext_id VARCHAR(64) NOT NULL, 
	tracks TEXT, 
	sort INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	name_lang1 VARCHAR(255), 
	name_lang2 VARCHAR(255), 
	name_lang3 VARCHAR(255), 
	name_lang4 VARCHAR(255), 
	name_lang5 VARCHAR(255), 
	client_id INTEGER NOT NULL, 
	CONSTRAINT fk_video_file_client_id FOREIGN KEY(client_id) REFERENCES client (id) ON DELETE CASCADE, 
	CONSTRAINT fk_video_file_video_id FOREIGN KEY(video_id) REFERENCES video (id) ON DELETE CASCADE
);
INSERT INTO "video_file" VALUES(1,1,'имя 1','имя 1',1,1,1,'имя 1','[1,"строка"]',1,'имя 1','имя 1','имя 1','имя 1','имя 1','имя 1',1);
INSERT INTO "video_file" VALUES(2,2,'имя 2','имя 2',2,0,2,'имя 2','[2,"строка"]',2,'имя 2','имя 2','имя 2','имя 2','имя 2','имя 2',2);
CREATE TABLE video_stream_service (
	video_id INTEGER NOT NULL, 
	stream_service_id INTEGER NOT NULL, 
	CONSTRAINT pk_video_stream_service PRIMARY KEY (video_id, stream_service_id), 
	CONSTRAINT fk_video_stream_service_stream_service_id FOREIGN KEY(stream_service_id) REFERENCES stream_service (id) ON DELETE CASCADE, 
	CONSTRAINT fk_video_stream_service_video_id FOREIGN KEY(video_id) REFERENCES video (id) ON DELETE CASCADE
);
INSERT INTO "video_stream_service" VALUES(1,1);
INSERT INTO "video_stream_service" VALUES(2,2);
CREATE INDEX ix_client_parent_id ON client (parent_id);
CREATE INDEX ix_outbox_event_due ON outbox_event (delivered_at, next_attempt_at);
CREATE INDEX ix_tag_version_changed_at ON tag_version (changed_at);
CREATE INDEX ix_category_client_id ON category (client_id);
CREATE INDEX ix_channel_sort_client_id ON channel_sort (client_id);
CREATE INDEX ix_client_play_device_client_id ON client_play_device (client_id);
CREATE INDEX ix_client_play_device_play_device_id ON client_play_device (play_device_id);
CREATE INDEX ix_client_play_device_template_id ON client_play_device (template_id);
CREATE INDEX ix_data_center_client_id ON data_center (client_id);
CREATE INDEX ix_epg_channel_category_id ON epg_channel (category_id);
CREATE INDEX ix_epg_channel_source_source_id ON epg_channel_source (source_id);
CREATE INDEX ix_epg_premiere_source_source_id ON epg_premiere_source (source_id);
CREATE INDEX ix_epg_source_category_map_category_id ON epg_source_category_map (category_id);
CREATE INDEX ix_epg_source_genre_map_genre_id ON epg_source_genre_map (genre_id);
CREATE INDEX ix_plugin_instance_client_id ON plugin_instance (client_id);
CREATE INDEX ix_tariff_client_id ON tariff (client_id);
CREATE INDEX ix_user_client_id ON user (client_id);
CREATE INDEX ix_channel_category_id ON channel (category_id);
CREATE INDEX ix_channel_client_id ON channel (client_id);
CREATE INDEX ix_channel_epg_channel_id ON channel (epg_channel_id);
CREATE INDEX ix_channel_url_prefix ON channel (url_prefix);
CREATE INDEX ix_customer_client_id ON customer (client_id);
CREATE INDEX ix_customer_ext_id ON customer (ext_id);
CREATE INDEX ix_customer_mobile_phone_number ON customer (mobile_phone_number);
CREATE INDEX ix_epg_channel_category_epg_category_id ON epg_channel_category (epg_category_id);
CREATE INDEX ix_stream_service_client_id ON stream_service (client_id);
CREATE INDEX ix_stream_service_data_center_id ON stream_service (data_center_id);
CREATE INDEX ix_tariff_city_city_id ON tariff_city (city_id);
CREATE INDEX ix_tariff_country_country_id ON tariff_country (country_id);
CREATE INDEX ix_account_client_id ON account (client_id);
CREATE INDEX ix_account_customer_id ON account (customer_id);
CREATE INDEX ix_account_data_center_id ON account (data_center_id);
CREATE INDEX ix_account_template_id ON account (template_id);
CREATE INDEX ix_channel_category_category_id ON channel_category (category_id);
CREATE INDEX ix_channel_sort_item_channel_id ON channel_sort_item (channel_id);
CREATE INDEX ix_channel_stream_service_stream_service_id ON channel_stream_service (stream_service_id);
CREATE INDEX ix_customer_tariff_client_id ON customer_tariff (client_id);
CREATE INDEX ix_customer_tariff_tariff_id ON customer_tariff (tariff_id);
CREATE INDEX ix_program_blocking_client_id ON program_blocking (client_id);
CREATE INDEX ix_program_blocking_programme_id ON program_blocking (programme_id);
CREATE INDEX ix_tariff_channel_channel_id ON tariff_channel (channel_id);
CREATE INDEX ix_tariff_stream_service_stream_service_id ON tariff_stream_service (stream_service_id);
CREATE INDEX ix_account_channel_channel_id ON account_channel (channel_id);
CREATE INDEX ix_account_channel_client_id ON account_channel (client_id);
CREATE INDEX ix_account_subnet_account_id ON account_subnet (account_id);
CREATE INDEX ix_account_subnet_client_id ON account_subnet (client_id);
CREATE INDEX ix_account_tariff_client_id ON account_tariff (client_id);
CREATE INDEX ix_account_tariff_tariff_id ON account_tariff (tariff_id);
CREATE INDEX ix_content_position_client_id ON content_position (client_id);
CREATE INDEX ix_content_position_updated_at ON content_position (updated_at);
CREATE INDEX ix_device_account_id ON device (account_id);
CREATE INDEX ix_device_client_id ON device (client_id);
CREATE INDEX ix_device_play_device_id ON device (play_device_id);
CREATE INDEX ix_message_account_id ON message (account_id);
CREATE INDEX ix_message_client_id ON message (client_id);
CREATE INDEX ix_message_created_at ON message (created_at);
CREATE INDEX ix_session_account_id ON session (account_id);
CREATE INDEX ix_session_client_id ON session (client_id);
CREATE INDEX ix_session_device_id ON session (device_id);
CREATE INDEX ix_session_last_seen_at ON session (last_seen_at);
CREATE INDEX ix_device_command_account_id ON device_command (account_id);
CREATE INDEX ix_device_command_client_id ON device_command (client_id);
CREATE INDEX ix_device_command_session_id ON device_command (session_id);
CREATE INDEX ix_stream_token_account_id ON stream_token (account_id);
CREATE INDEX ix_stream_token_client_id ON stream_token (client_id);
CREATE INDEX ix_stream_token_expires_at ON stream_token (expires_at);
CREATE INDEX ix_stream_token_session_id ON stream_token (session_id);
CREATE INDEX ix_stream_token_stream_service_id ON stream_token (stream_service_id);
CREATE INDEX ix_address_group_client_id ON address_group (client_id);
CREATE INDEX ix_maintenance_client_id ON maintenance (client_id);
CREATE INDEX ix_radio_client_id ON radio (client_id);
CREATE INDEX ix_stream_trigger_client_id ON stream_trigger (client_id);
CREATE INDEX ix_address_client_id ON address (client_id);
CREATE INDEX ix_camera_city_id ON camera (city_id);
CREATE INDEX ix_camera_client_id ON camera (client_id);
CREATE INDEX ix_stream_monitor_client_id ON stream_monitor (client_id);
CREATE INDEX ix_stream_monitor_data_center_id ON stream_monitor (data_center_id);
CREATE INDEX ix_tariff_radio_radio_id ON tariff_radio (radio_id);
CREATE INDEX ix_trigger_address_group_address_group_id ON trigger_address_group (address_group_id);
CREATE INDEX ix_camera_stream_service_stream_service_id ON camera_stream_service (stream_service_id);
CREATE INDEX ix_maintenance_channel_channel_id ON maintenance_channel (channel_id);
CREATE INDEX ix_maintenance_stream_service_stream_service_id ON maintenance_stream_service (stream_service_id);
CREATE INDEX ix_monitored_stream_channel_id ON monitored_stream (channel_id);
CREATE INDEX ix_monitored_stream_client_id ON monitored_stream (client_id);
CREATE INDEX ix_radio_stream_service_stream_service_id ON radio_stream_service (stream_service_id);
CREATE INDEX ix_tariff_camera_camera_id ON tariff_camera (camera_id);
CREATE INDEX ix_video_available_until ON video (available_until);
CREATE INDEX ix_video_channel_id ON video (channel_id);
CREATE INDEX ix_video_client_id ON video (client_id);
CREATE INDEX ix_accident_client_id ON accident (client_id);
CREATE INDEX ix_accident_ended_at ON accident (ended_at);
CREATE INDEX ix_accident_monitor_id ON accident (monitor_id);
CREATE INDEX ix_accident_stream_id ON accident (stream_id);
CREATE INDEX ix_accident_trigger_id ON accident (trigger_id);
CREATE INDEX ix_account_camera_camera_id ON account_camera (camera_id);
CREATE INDEX ix_npvr_task_channel_id ON npvr_task (channel_id);
CREATE INDEX ix_npvr_task_client_id ON npvr_task (client_id);
CREATE INDEX ix_npvr_task_due ON npvr_task (status, "begin");
CREATE INDEX ix_npvr_task_expires_at ON npvr_task (expires_at);
CREATE INDEX ix_npvr_task_stream_service_id ON npvr_task (stream_service_id);
CREATE INDEX ix_stream_sample_client_id ON stream_sample (client_id);
CREATE INDEX ix_stream_sample_monitor_id ON stream_sample (monitor_id);
CREATE INDEX ix_stream_sample_stream_id ON stream_sample (stream_id);
CREATE INDEX ix_stream_sample_taken_at ON stream_sample (taken_at);
CREATE INDEX ix_tariff_video_video_id ON tariff_video (video_id);
CREATE INDEX ix_video_file_client_id ON video_file (client_id);
CREATE INDEX ix_video_file_video_id ON video_file (video_id);
CREATE INDEX ix_video_stream_service_stream_service_id ON video_stream_service (stream_service_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('client',2);
INSERT INTO "sqlite_sequence" VALUES('country',2);
INSERT INTO "sqlite_sequence" VALUES('epg_category',2);
INSERT INTO "sqlite_sequence" VALUES('epg_genre',2);
INSERT INTO "sqlite_sequence" VALUES('epg_source',2);
INSERT INTO "sqlite_sequence" VALUES('outbox_event',2);
INSERT INTO "sqlite_sequence" VALUES('play_device',2);
INSERT INTO "sqlite_sequence" VALUES('play_device_template',2);
INSERT INTO "sqlite_sequence" VALUES('address_group',2);
INSERT INTO "sqlite_sequence" VALUES('category',2);
INSERT INTO "sqlite_sequence" VALUES('channel_sort',2);
INSERT INTO "sqlite_sequence" VALUES('city',2);
INSERT INTO "sqlite_sequence" VALUES('client_play_device',2);
INSERT INTO "sqlite_sequence" VALUES('data_center',2);
INSERT INTO "sqlite_sequence" VALUES('epg_channel',2);
INSERT INTO "sqlite_sequence" VALUES('epg_channel_source',2);
INSERT INTO "sqlite_sequence" VALUES('epg_premiere_source',2);
INSERT INTO "sqlite_sequence" VALUES('epg_source_category_map',2);
INSERT INTO "sqlite_sequence" VALUES('epg_source_genre_map',2);
INSERT INTO "sqlite_sequence" VALUES('maintenance',2);
INSERT INTO "sqlite_sequence" VALUES('plugin_instance',2);
INSERT INTO "sqlite_sequence" VALUES('radio',2);
INSERT INTO "sqlite_sequence" VALUES('stream_trigger',2);
INSERT INTO "sqlite_sequence" VALUES('tariff',2);
INSERT INTO "sqlite_sequence" VALUES('user',2);
INSERT INTO "sqlite_sequence" VALUES('address',2);
INSERT INTO "sqlite_sequence" VALUES('camera',2);
INSERT INTO "sqlite_sequence" VALUES('channel',2);
INSERT INTO "sqlite_sequence" VALUES('customer',2);
INSERT INTO "sqlite_sequence" VALUES('epg_programme',2);
INSERT INTO "sqlite_sequence" VALUES('plugin_attribute',2);
INSERT INTO "sqlite_sequence" VALUES('stream_monitor',2);
INSERT INTO "sqlite_sequence" VALUES('stream_service',2);
INSERT INTO "sqlite_sequence" VALUES('user_right',2);
INSERT INTO "sqlite_sequence" VALUES('account',2);
INSERT INTO "sqlite_sequence" VALUES('channel_sort_item',2);
INSERT INTO "sqlite_sequence" VALUES('customer_tariff',2);
INSERT INTO "sqlite_sequence" VALUES('monitored_stream',2);
INSERT INTO "sqlite_sequence" VALUES('program_blocking',2);
INSERT INTO "sqlite_sequence" VALUES('video',2);
INSERT INTO "sqlite_sequence" VALUES('accident',2);
INSERT INTO "sqlite_sequence" VALUES('account_channel',2);
INSERT INTO "sqlite_sequence" VALUES('account_subnet',2);
INSERT INTO "sqlite_sequence" VALUES('account_tariff',2);
INSERT INTO "sqlite_sequence" VALUES('content_position',2);
INSERT INTO "sqlite_sequence" VALUES('device',2);
INSERT INTO "sqlite_sequence" VALUES('message',2);
INSERT INTO "sqlite_sequence" VALUES('npvr_task',2);
INSERT INTO "sqlite_sequence" VALUES('stream_sample',2);
INSERT INTO "sqlite_sequence" VALUES('video_file',2);
INSERT INTO "sqlite_sequence" VALUES('session',2);
INSERT INTO "sqlite_sequence" VALUES('device_command',2);
COMMIT;
