'use strict';
// Killed anywhere while Square does anything (t/sweep/pos.js).

require('./sweep/pos.js').sweepAt('square');
