#include "op/op.h"
#include "provider/call.h"
#include "tenant/integration.h"

struct provider_call
provider_call_copy(struct arena *a, const struct provider_call *from)
{
	struct named_secret *secrets = arena_array(a, from->secrets_n, sizeof *secrets);

	for (size_t i = 0; i < from->secrets_n; i++)
		secrets[i] = (struct named_secret){ arena_strdup(a, from->secrets[i].name),
			arena_strdup(a, from->secrets[i].value) };
	return (struct provider_call){
		.call = call_copy(a, &from->call),
		.limits = from->limits,
		.intent = call_copy(a, &from->intent),
		.secrets = secrets,
		.secrets_n = from->secrets_n,
	};
}
