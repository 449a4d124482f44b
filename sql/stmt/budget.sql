-- budget_take -> changed (auth)
UPDATE budgets SET spent_until = GREATEST(spent_until, :now) + INTERVAL :cost_us MICROSECOND
WHERE name = :name AND spent_until <= :latest

-- budget_read -> one (auth)
SELECT spent_until FROM budgets WHERE name = :name

-- budget_make -> none (auth)
INSERT INTO budgets (name, spent_until) VALUES (:name, :spent_until)

-- budget_return -> none (auth)
UPDATE budgets SET spent_until = spent_until - INTERVAL :cost_us MICROSECOND WHERE name = :name

-- budget_clear -> none (auth)
DELETE FROM budgets WHERE name = :name
