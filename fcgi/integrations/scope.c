/*
 * Whom a request is about.
 */
#include "integrations.h"

#include <stdlib.h>

#include "http/request.h"
#include "op/op.h"

/* The restaurant of that number or slug, if the caller belongs there. */
enum err
restaurant_named(struct op *op, const char *name, struct restaurant *ret)
{
	char *end;
	int64_t id = strtoll(name, &end, 10);
	enum err e = *end == '\0' && id > 0 ? restaurant_by_id(op, id, ret)
					    : restaurant_by_slug(op, name, ret);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK && op->actor.restaurant_id != 0 && op->actor.restaurant_id != ret->id)
		return fail(op, ERR_INSUFFICIENT_ROLE, "You do not work at this restaurant");
	if (e == OK)
		op->restaurant_id = ret->id;
	return e;
}

enum err
restaurant_load(struct op *op, const struct request *r, struct restaurant *ret)
{
	return restaurant_named(op, request_path(r, "restaurant"), ret);
}

/* The connection with the provider of the path. */
enum err
connection_load(struct op *op, const struct request *r, struct connection *ret)
{
	struct restaurant restaurant;
	struct integration integration;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = integration_with(op, restaurant.id, request_path(r, "provider"), &integration);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	return e != OK ? e : connection_make(op, &restaurant, &integration, ret);
}

/* The restaurant's present connection. */
enum err
connection_active(struct op *op, const struct request *r, struct connection *ret)
{
	struct restaurant restaurant;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = connection_of(op, restaurant.id, ret);
	return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, "This restaurant has no POS") : e;
}
