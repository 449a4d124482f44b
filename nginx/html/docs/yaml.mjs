// yaml: as much of YAML 1.2 as openapi.yaml is written in: block and flow collections, plain and quoted scalars, literal and
// folded blocks, comments, the core schema. No anchors, tags, merge keys or several documents: those are refused, not guessed at.
//
//	parse(text)    → the value; throws an Error that names the line

class Reader {
	constructor(text) {
		this.lines = text.split(/\r?\n/).map((raw, i) => ({ n: i + 1, raw, indent: raw.search(/\S|$/), text: raw.trim() }));
		this.at = 0;
	}

	fail(why) {
		throw new Error(`line ${this.lines[Math.min(this.at, this.lines.length - 1)].n}: ${why}`);
	}

	// The next line that says something; undefined at the end.
	line() {
		while (this.at < this.lines.length && /^(#|$)/.test(this.lines[this.at].text)) this.at++;
		return this.lines[this.at];
	}

	// The value whose first line is the next one.
	block() {
		const { indent, text } = this.line();
		if (text === '-' || text.startsWith('- ')) return this.sequence(indent);
		if (keyOf(text)) return this.mapping(indent);
		this.at++;
		return this.inline(text, indent - 1);
	}

	mapping(indent) {
		const found = {};
		for (let line = this.line(); line && line.indent === indent; line = this.line()) {
			const at = keyOf(line.text);
			if (!at) this.fail('a name and a colon are expected');
			if (Object.hasOwn(found, at.key)) this.fail(`${at.key} is there twice`);
			this.at++;
			found[at.key] = this.value(at.rest, indent, true);
		}
		const next = this.line();
		if (next && next.indent > indent) this.fail('is indented too far');
		return found;
	}

	sequence(indent) {
		const found = [];
		for (let line = this.line(); line && line.indent === indent && /^-( |$)/.test(line.text); line = this.line()) {
			const rest = line.text.slice(1).trimStart();
			if (keyOf(rest) || rest.startsWith('- ')) { // the element begins on this line, further in
				this.lines[this.at] = { ...line, indent: line.raw.length - line.raw.trimStart().slice(1).trimStart().length, text: rest };
				found.push(this.block());
			} else {
				this.at++;
				found.push(this.value(rest, indent, false));
			}
		}
		return found;
	}

	// What stands behind a colon or a dash, or on the lines below it.
	value(rest, indent, inMapping) {
		if (/^[|>][-+]?( #.*)?$/.test(rest)) return this.literal(rest[0], rest[1], indent);
		if (rest !== '' && !rest.startsWith('#')) return this.inline(rest, indent);
		const next = this.line();
		if (next && (next.indent > indent || (inMapping && next.indent === indent && /^-( |$)/.test(next.text)))) return this.block();
		return null;
	}

	// | and >: lines as they are, without their common indentation.
	literal(style, chomp, indent) {
		const taken = [];
		let inner = 0;
		for (; this.at < this.lines.length; this.at++) {
			const line = this.lines[this.at];
			if (line.text !== '' && line.indent <= indent) break;
			if (inner === 0 && line.text !== '') inner = line.indent;
			taken.push(line.raw.slice(inner));
		}
		while (taken.length && taken.at(-1).trim() === '') taken.pop();
		const text = style === '|' ? taken.join('\n')
			: taken.join('\n').replace(/([^\n ])\n(?=[^\n ])/g, '$1 ').replace(/\n\n/g, '\n');
		return chomp === '-' || text === '' ? text : `${text}\n`;
	}

	// A flow collection or a scalar, which may go on on lines that are further in.
	inline(first, indent) {
		let text = first;
		const more = () => {
			const next = this.line();
			if (!next || next.indent <= indent) return false;
			text += ` ${next.text}`;
			this.at++;
			return true;
		};
		if ('&*!%@`'.includes(first[0])) this.fail(`a value may not begin with ${first[0]}`);
		if (!'{["\''.includes(first[0])) {
			text = plain(text);
			if (text === first.trimEnd()) while (more()); // no comment has ended it
			text = plain(text);
			if (/:(\s|$)/.test(text)) this.fail('a value with a colon in it needs quotes');
			return scalar(text);
		}
		for (;;) {
			const flow = new Flow(text);
			try {
				const value = flow.value();
				if (!/^\s*(#.*)?$/.test(text.slice(flow.at))) this.fail('something stands behind the value');
				return value;
			} catch (error) {
				if (!(error instanceof Unfinished) || !more()) this.fail(error.message);
			}
		}
	}
}

// {key, rest} of "key: rest"; null of anything else.
function keyOf(text) {
	const found = /^(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)"|([^\s{}[\],&*#?|>@`"'%!-][^#]*?|-[^\s#][^#]*?))\s*:(?:\s+(.*))?$/.exec(text);
	if (!found) return null;
	const [, single, double, bare, rest = ''] = found;
	if (single !== undefined) return { key: single.replace(/''/g, "'"), rest };
	return { key: double === undefined ? bare : JSON.parse(`"${double}"`), rest };
}

// A plain scalar ends at a comment.
const plain = (text) => text.replace(/\s#.*$/, '').trimEnd();

function scalar(text) {
	if (/^(~|null|Null|NULL|)$/.test(text)) return null;
	if (/^(true|True|TRUE)$/.test(text)) return true;
	if (/^(false|False|FALSE)$/.test(text)) return false;
	if (/^[-+]?[0-9]+$/.test(text) || /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
	return text;
}

class Unfinished extends Error {}

// {a: b, c} and [a, b] and quoted scalars, in one text.
class Flow {
	constructor(text) {
		this.text = text;
		this.at = 0;
	}

	peek() {
		this.at += /^(\s|(?<=\s)#.*$)*/.exec(this.text.slice(this.at))[0].length;
		if (this.at >= this.text.length) throw new Unfinished('it has no end');
		return this.text[this.at];
	}

	value() {
		switch (this.peek()) {
		case '{': return this.collection('}', {}, (into) => {
			const key = this.key();
			into[key] = this.peek() === ':' ? (this.at++, this.peek() === ',' || this.peek() === '}' ? null : this.value()) : null;
		});
		case '[': return this.collection(']', [], (into) => into.push(this.value()));
		case '"': case "'": return this.quoted();
		default: return scalar(this.bare());
		}
	}

	collection(end, into, element) {
		this.at++;
		while (this.peek() !== end) {
			element(into);
			if (this.peek() === ',') this.at++;
			else if (this.peek() !== end) throw new Error(`, or ${end} is expected`);
		}
		this.at++;
		return into;
	}

	key() {
		return '"\''.includes(this.peek()) ? this.quoted() : this.bare();
	}

	quoted() {
		const found = /^(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)")/.exec(this.text.slice(this.at));
		if (!found) throw new Unfinished('a quote has no end');
		this.at += found[0].length;
		return found[1] === undefined ? JSON.parse(`"${found[2]}"`) : found[1].replace(/''/g, "'");
	}

	bare() {
		const found = /^(?:[^,:#[\]{}]|:(?![\s,[\]{}]|$)|(?<!\s)#)+/.exec(this.text.slice(this.at));
		if (!found) throw new Error(`a value may not begin with ${this.text[this.at]}`);
		this.at += found[0].length;
		return found[0].trim();
	}
}

export function parse(text) {
	const reader = new Reader(text);
	if (!reader.line()) return null;
	const value = reader.block();
	if (reader.line()) reader.fail('something stands behind the document');
	return value;
}
