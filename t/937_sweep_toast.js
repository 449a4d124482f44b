'use strict';
// Killed anywhere while Toast does anything (t/sweep/pos.js).

require('./sweep/pos.js').sweepAt('toast');
