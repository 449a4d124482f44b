'use strict';
// json_texts: texts that are JSON, that are none, and those of which RFC 8259 leaves it open, as values ("$" in a body) and whole.
// In the manner of JSONTestSuite (Nicolas Seriot, "Parsing JSON is a minefield"), but written here. Strings of bytes, latin1.

const utf8 = (text) => Buffer.from(text, 'utf8').toString('latin1');

// Values that every parser must take.
const GOOD = {
	numbers: ['0', '-0', '1', '-1', '10', '1.5', '-1.5', '0.0', '1e1', '1E1', '1e+1', '1e-1', '0e1', '0E-0', '1.5e+300', '123456789012345678', '-9223372036854775808', '9223372036854775807'],
	strings: ['""', '"a"', '"\\""', '"\\\\"', '"\\/"', '"/"', '"\\b\\f\\n\\r\\t"', '"\\u0041"', '"\\u00e9"', '"\\uD83C\\uDF36"', '"\\ud83c\\udf36"', utf8('"é"'), utf8('"🌶"'), utf8('"\u2028\u2029"'), utf8('"\ufeff"'),
		utf8('"\u{10ffff}"'), utf8('"\uffff"'), '"\x7f"', '"null"', '"\\u2028"', '"\\uFFFF"', '"a\\u0020b"'],
	words: ['true', 'false', 'null'],
	structures: ['[]', '{}', '[1]', '[1,2]', '[[]]', '[null,1,"a"]', '{"a":1}', '{"a":1,"b":2}', '{"":0}', '{"a":{"a":{"a":1}}}', ' [ 1 , 2 ] ', '\t{\n"a"\r:\n1 }\n', '[1,\n2]', '{"a":[],"A":[]}', '{"a b":1}', '{"\\u0061b":1}',
		`${'['.repeat(30)}${']'.repeat(30)}`, '[{}]'],
};
// Values that none may take.
const BAD = {
	numbers: ['+1', '-', '01', '-01', '00', '1.', '.5', '-.5', '1.e1', '1e', '1e+', '1ee1', '1e1.5', '0x1', '0b1', '1_000', '1,000', 'NaN', '-NaN', 'Infinity', '-Infinity', 'Inf', '1/2', '--1', '1-', '1 2', utf8('１'), '1e1e1', '-+1', '1f', '012', '0.', '1..2',
		'0e', '0e+', '\u00b91'.replace('\u00b9', '\xb9')],
	strings: ['"', '"a', 'a"', "'a'", '`a`', '"\\x41"', '"\\a"', '"\\"', '"\\u"', '"\\u00"', '"\\u00G0"', '"\\U0041"', '"\\ "', '"\n"', '"\t"', '"\r"', '"\0"', '"\x1f"', '"a\x00b"', '"\\\n"', '"\\u004"', '"\\u{41}"', 'a', '"a" "b"', '""a', '"\\0"', '"\\v"', utf8('“a”'), '\\"a\\"'],
	utf8: ['"\xff"', '"\xfe\xff"', '"\x80"', '"\xc3"', '"\xc3("', '"\xc0\x80"', '"\xc1\xbf"', '"\xe0\x80\xaf"', '"\xe2\x82"', '"\xed\xa0\x80"', '"\xed\xbf\xbf"', '"\xf0\x80\x80\xaf"', '"\xf0\x9f\x8c"', '"\xf4\x90\x80\x80"', '"\xf8\x88\x80\x80\x80"', '"\xe9"', '\xff', '[\xa0]'],
	words: ['True', 'TRUE', 'tru', 'truex', 'nul', 'NULL', 'None', 'nil', 'undefined', 'fals', 'yes', 'on', 'true false', 'tr ue', '#true'],
	structures: ['[', ']', '[1', '[1,', '[,1]', '[1,]', '[1,,2]', '[1 2]', '[1;2]', '[1:2]', '[[]', '[]]', '{', '}', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', '{"a" 1}', '{"a"::1}', '{"a":1 "b":2}', '{"a":1,,"b":2}', '{a:1}',
		"{'a':1}", '{1:1}', '{null:1}', '{[]:1}', '{"a":1]', '[1}', '{"a","b"}', '{"a"=1}', '{"a"=>1}', '{:1}', '{"a":}', '(1)', '<1>', '[1],', '{}{}', '[][]', '{"a":1;}', '[*]', '{"a":a}', '{"a":1}}', '[\f1]', '[\v1]', '[\xa01]', '[1\x00]', '{"a":1}x', '*', ',', ':', ';'],
	comments: ['/**/1', '1//', '[1/*x*/]', '1#x', '//1\n1', '{"a":1/**/}', '{/**/"a":1}', '<!-- -->1'],
	repeated: ['{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"b":1,"b":1}}]', '{"":1,"":2}'],
};
// What the RFC leaves open, and what this house does about it. Refused: what two readers could take for two things, or what costs.
const OPEN = [
	['a lone high surrogate', '"\\ud800"', false], ['a lone low surrogate', '"\\udc00"', false], ['surrogates the wrong way round', '"\\udf36\\ud83c"', false], ['a high surrogate and a letter', '"\\ud83ca"', false],
	['two high surrogates', '"\\ud83c\\ud83c"', false], ['U+0000 by escape', '"\\u0000"', false], ['a number past int64', '9223372036854775808', false], ['a number below int64', '-9223372036854775809', false],
	['a number past uint64', '18446744073709551616', false], ['a hundred digits', '1'.repeat(100), false], ['1e400', '1e400', null], ['-1e400', '-1e400', null], ['1e-400', '1e-400', null],
	['depth 31 in a body', `${'['.repeat(31)}${']'.repeat(31)}`, true], ['depth 32 in a body', `${'['.repeat(32)}${']'.repeat(32)}`, false], ['depth 33', `${'{"a":'.repeat(32)}1${'}'.repeat(32)}`, false], ['depth 5000', `${'['.repeat(5000)}${']'.repeat(5000)}`, false],
	['depth 5000 without an end', '['.repeat(5000), false], ['a noncharacter', utf8('"\ufffe"'), true], ['U+FEFF in a text', '"\\ufeff"', true], ['twenty thousand elements', `[${Array(20000).fill('1').join(',')}]`, null],
];
// Whole bodies that are not JSON, of which "@" is a good one.
const WHOLE = ['', ' ', '\n', '\t', '@x', 'x@', '@@', '@,@', '@\x00', '\x00@', '@;', '@//', '/**/@', '@}', '{@', '[@', '@]', '"', '{', '[', '\xef\xbb\xbf@', '\xff\xfe@', '\xfe\xff@', '\xef\xbb@', '\xa0@', '@\xa0', '@\x0c', '\x1e@', '=@', 'json=@', '@&x=1', ")]}',\n@", 'callback(@)', '<@>',
	'\x1f\x8b\x08\x00', Array.from('{"a":1}').map((c) => `${c}\0`).join(''), '--x\r\n@\r\n--x--', '$', '...', '@#'];

module.exports = { BAD, GOOD, OPEN, WHOLE };
