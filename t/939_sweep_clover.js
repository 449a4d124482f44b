'use strict';
// Killed anywhere while Clover does anything (t/sweep/pos.js).

require('./sweep/pos.js').sweepAt('clover');
