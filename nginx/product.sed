# Fills in the words between at-signs of nginx/*.conf for an installed system (make install).
s|@USER@|user www-data;|
s|@WORKERS@|auto|
s|@FILES@|65536|
s|@CONNECTIONS@|16384|
s|@LISTEN@|443|
s|@CERT@|/etc/ticketrail/tls/cert.pem|
s|@KEY@|/etc/ticketrail/tls/key.pem|
s|@DIR@|/var/lib/ticketrail-nginx|
s|@LOG@|/var/log/nginx|
s|@RUN@|/run/ticketrail|
s|@HTML@|/usr/share/ticketrail/html|
s|@PROBLEMS@|/usr/share/ticketrail/html/problems|
s|@ORIGINS@|/etc/ticketrail|

# Who may have how much (limits.conf, pools.conf). The tests read these lines too.
s|@CLIENT_RATE@|100r/m|
s|@CLIENT_BURST@|99|
s|@MENU_RATE@|600r/m|
s|@MENU_BURST@|599|
s|@ADDRESS_RATE@|50r/s|
s|@ADDRESS_BURST@|200|
s|@LOGIN_RATE@|30r/m|
s|@LOGIN_BURST@|29|
s|@DELIVERY_RATE@|20r/s|
s|@DELIVERY_BURST@|100|
s|@ADDRESS_OPEN@|200|
s|@AUTH_QUEUE@|128|
s|@MENU_QUEUE@|256|
s|@ORDERS_QUEUE@|256|
s|@WEBHOOKS_QUEUE@|256|
s|@ADMIN_QUEUE@|128|
s|@INTEGRATIONS_QUEUE@|64|
s|@CATALOG_QUEUE@|64|
s|@REPORTS_QUEUE@|32|
s|@PEOPLE_QUEUE@|128|
s|@OFFICE_QUEUE@|128|
s|@DELIVERY_QUEUE@|64|
s|@OPS_QUEUE@|64|
