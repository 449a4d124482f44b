/* version: what this program is called by those who ask which one it is. */
#ifndef TICKETRAIL_TEXT_VERSION_H
#define TICKETRAIL_TEXT_VERSION_H

#define VERSION "0.1.0"

#endif
