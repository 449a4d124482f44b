-- op_now -> one (pools relay jobs ticketrail)
-- The op's time. @clock_shift is 0 in production; tests set it in the connection's init command.
SELECT UTC_TIMESTAMP(6) + INTERVAL @clock_shift MICROSECOND AS now_us
