'use strict';
// Killed anywhere while Clover does anything, where one call gives it the whole order and a look is all that resolves a doubt
// (t/sweep/pos.js).

require('./sweep/pos.js').sweepAt('clover', 'atomic');
