#include "pos/id_set.h"

#include <stdint.h>
#include <string.h>

#include "mem/arena.h"

void
id_set_init(struct id_set *ids, struct arena *a, size_t n)
{
	for (ids->slots_n = 8; ids->slots_n < 2 * n;)
		ids->slots_n *= 2;
	ids->slots = arena_array(a, ids->slots_n, sizeof(*ids->slots));
}

/*
 * FNV-1a. Ids come from the merchant's own POS; there is nobody to defend the table against but
 * chance.
 */
static size_t
id_set_slot(const struct id_set *ids, const char *id)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (const char *c = id; *c != '\0'; c++)
		h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
	for (i = (size_t)h & (ids->slots_n - 1); ids->slots[i].id != NULL;
	     i = (i + 1) & (ids->slots_n - 1))
		if (strcmp(ids->slots[i].id, id) == 0)
			break;
	return i;
}

bool
id_set_add(struct id_set *ids, const char *id, size_t at)
{
	size_t i = id_set_slot(ids, id);

	if (ids->slots[i].id != NULL)
		return false;
	ids->slots[i].id = id;
	ids->slots[i].at = at;
	return true;
}

bool
id_set_find(const struct id_set *ids, const char *id, size_t *ret_at)
{
	size_t i = id_set_slot(ids, id);

	if (ids->slots[i].id == NULL)
		return false;
	*ret_at = ids->slots[i].at;
	return true;
}
