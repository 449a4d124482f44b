-- audit_record -> none (auth orders webhooks admin delivery integrations people office catalog relay jobs ticketrail)
INSERT INTO audit_log (restaurant_id, actor, action, subject, detail, trace_id, created_at)
VALUES (:restaurant_id, :actor, :action, :subject, :detail, :trace_id, :now)
