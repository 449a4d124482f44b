#include "process/privacy.h"

#include <sys/prctl.h>

void
privacy_begin(void)
{
#ifndef CRASH_POINTS
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}
