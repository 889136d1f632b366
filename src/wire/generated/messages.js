/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const ingot = $root.ingot = (() => {

    /**
     * Namespace ingot.
     * @exports ingot
     * @namespace
     */
    const ingot = {};

    ingot.Run = (function() {

        /**
         * Properties of a Run.
         * @typedef {Object} ingot.Run.$Properties
         * @property {number|null} [first] Run first
         * @property {number|null} [count] Run count
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Run.
         * @memberof ingot
         * @interface IRun
         * @augments ingot.Run.$Properties
         * @deprecated Use ingot.Run.$Properties instead.
         */

        /**
         * Shape of a Run.
         * @typedef {ingot.Run.$Properties} ingot.Run.$Shape
         */

        /**
         * Constructs a new Run.
         * @memberof ingot
         * @classdesc Represents a Run.
         * @constructor
         * @param {ingot.Run.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Run = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Run first.
         * @member {number} first
         * @memberof ingot.Run
         * @instance
         */
        Run.prototype.first = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Run count.
         * @member {number} count
         * @memberof ingot.Run
         * @instance
         */
        Run.prototype.count = 0;

        /**
         * Encodes the specified Run message. Does not implicitly {@link ingot.Run.verify|verify} messages.
         * @function encode
         * @memberof ingot.Run
         * @static
         * @param {ingot.Run.$Properties} message Run message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Run.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.first != null && $Object.hasOwnProperty.call(message, "first") && (typeof message.first === "object" ? message.first.low || message.first.high : message.first !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.first);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Run message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Run
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Run & ingot.Run.$Shape} Run
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Run.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Run();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.first = value;
                        else
                            delete message.first;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Run;
    })();

    ingot.PageTable = (function() {

        /**
         * Properties of a PageTable.
         * @typedef {Object} ingot.PageTable.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a PageTable.
         * @memberof ingot
         * @interface IPageTable
         * @augments ingot.PageTable.$Properties
         * @deprecated Use ingot.PageTable.$Properties instead.
         */

        /**
         * Shape of a PageTable.
         * @typedef {ingot.PageTable.$Properties} ingot.PageTable.$Shape
         */

        /**
         * Constructs a new PageTable.
         * @memberof ingot
         * @classdesc Represents a PageTable.
         * @constructor
         * @param {ingot.PageTable.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const PageTable = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified PageTable message. Does not implicitly {@link ingot.PageTable.verify|verify} messages.
         * @function encode
         * @memberof ingot.PageTable
         * @static
         * @param {ingot.PageTable.$Properties} message PageTable message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        PageTable.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a PageTable message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.PageTable
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.PageTable & ingot.PageTable.$Shape} PageTable
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        PageTable.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.PageTable();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return PageTable;
    })();

    ingot.PatchRun = (function() {

        /**
         * Properties of a PatchRun.
         * @typedef {Object} ingot.PatchRun.$Properties
         * @property {Uint8Array|null} [base] PatchRun base
         * @property {ingot.Run.$Properties|null} [groups] PatchRun groups
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a PatchRun.
         * @memberof ingot
         * @interface IPatchRun
         * @augments ingot.PatchRun.$Properties
         * @deprecated Use ingot.PatchRun.$Properties instead.
         */

        /**
         * Shape of a PatchRun.
         * @typedef {ingot.PatchRun.$Properties} ingot.PatchRun.$Shape
         */

        /**
         * Constructs a new PatchRun.
         * @memberof ingot
         * @classdesc Represents a PatchRun.
         * @constructor
         * @param {ingot.PatchRun.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const PatchRun = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * PatchRun base.
         * @member {Uint8Array} base
         * @memberof ingot.PatchRun
         * @instance
         */
        PatchRun.prototype.base = $util.newBuffer([]);

        /**
         * PatchRun groups.
         * @member {ingot.Run.$Properties|null|undefined} groups
         * @memberof ingot.PatchRun
         * @instance
         */
        PatchRun.prototype.groups = null;

        /**
         * Encodes the specified PatchRun message. Does not implicitly {@link ingot.PatchRun.verify|verify} messages.
         * @function encode
         * @memberof ingot.PatchRun
         * @static
         * @param {ingot.PatchRun.$Properties} message PatchRun message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        PatchRun.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.base != null && $Object.hasOwnProperty.call(message, "base") && message.base.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.base);
            if (message.groups != null && $Object.hasOwnProperty.call(message, "groups"))
                $root.ingot.Run.encode(message.groups, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a PatchRun message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.PatchRun
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.PatchRun & ingot.PatchRun.$Shape} PatchRun
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        PatchRun.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.PatchRun();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.base = value;
                        else
                            delete message.base;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.groups = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.groups);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return PatchRun;
    })();

    ingot.Blocks = (function() {

        /**
         * Properties of a Blocks.
         * @typedef {Object} ingot.Blocks.$Properties
         * @property {number|null} [first] Blocks first
         * @property {number|null} [count] Blocks count
         * @property {Uint8Array|null} [wanted] Blocks wanted
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Blocks.
         * @memberof ingot
         * @interface IBlocks
         * @augments ingot.Blocks.$Properties
         * @deprecated Use ingot.Blocks.$Properties instead.
         */

        /**
         * Shape of a Blocks.
         * @typedef {ingot.Blocks.$Properties} ingot.Blocks.$Shape
         */

        /**
         * Constructs a new Blocks.
         * @memberof ingot
         * @classdesc Represents a Blocks.
         * @constructor
         * @param {ingot.Blocks.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Blocks = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Blocks first.
         * @member {number} first
         * @memberof ingot.Blocks
         * @instance
         */
        Blocks.prototype.first = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Blocks count.
         * @member {number} count
         * @memberof ingot.Blocks
         * @instance
         */
        Blocks.prototype.count = 0;

        /**
         * Blocks wanted.
         * @member {Uint8Array} wanted
         * @memberof ingot.Blocks
         * @instance
         */
        Blocks.prototype.wanted = $util.newBuffer([]);

        /**
         * Encodes the specified Blocks message. Does not implicitly {@link ingot.Blocks.verify|verify} messages.
         * @function encode
         * @memberof ingot.Blocks
         * @static
         * @param {ingot.Blocks.$Properties} message Blocks message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Blocks.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.first != null && $Object.hasOwnProperty.call(message, "first") && (typeof message.first === "object" ? message.first.low || message.first.high : message.first !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.first);
            if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
            if (message.wanted != null && $Object.hasOwnProperty.call(message, "wanted") && message.wanted.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.wanted);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Blocks message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Blocks
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Blocks & ingot.Blocks.$Shape} Blocks
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Blocks.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Blocks();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.first = value;
                        else
                            delete message.first;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.count = value;
                        else
                            delete message.count;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.wanted = value;
                        else
                            delete message.wanted;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Blocks;
    })();

    ingot.ContentRequest = (function() {

        /**
         * Properties of a ContentRequest.
         * @typedef {Object} ingot.ContentRequest.$Properties
         * @property {Uint8Array|null} [image] ContentRequest image
         * @property {ingot.Run.$Properties|null} [segments] ContentRequest segments
         * @property {ingot.Run.$Properties|null} [leafLists] ContentRequest leafLists
         * @property {ingot.Run.$Properties|null} [leaves] ContentRequest leaves
         * @property {ingot.PageTable.$Properties|null} [pageTable] ContentRequest pageTable
         * @property {ingot.Run.$Properties|null} [pages] ContentRequest pages
         * @property {ingot.Run.$Properties|null} [leafDigests] ContentRequest leafDigests
         * @property {ingot.Run.$Properties|null} [blockKeys] ContentRequest blockKeys
         * @property {ingot.Blocks.$Properties|null} [blocks] ContentRequest blocks
         * @property {ingot.PatchRun.$Properties|null} [patchTable] ContentRequest patchTable
         * @property {ingot.PatchRun.$Properties|null} [patch] ContentRequest patch
         * @property {boolean|null} [zstd] ContentRequest zstd
         * @property {"segments"|"leafLists"|"leaves"|"pageTable"|"pages"|"leafDigests"|"blockKeys"|"blocks"|"patchTable"|"patch"} [what] ContentRequest what
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ContentRequest.
         * @memberof ingot
         * @interface IContentRequest
         * @augments ingot.ContentRequest.$Properties
         * @deprecated Use ingot.ContentRequest.$Properties instead.
         */

        /**
         * Narrowed shape of a ContentRequest.
         * @typedef {{
         *   image?: Uint8Array|null;
         *   segments?: ingot.Run.$Shape|null;
         *   leafLists?: ingot.Run.$Shape|null;
         *   leaves?: ingot.Run.$Shape|null;
         *   pageTable?: ingot.PageTable.$Shape|null;
         *   pages?: ingot.Run.$Shape|null;
         *   leafDigests?: ingot.Run.$Shape|null;
         *   blockKeys?: ingot.Run.$Shape|null;
         *   blocks?: ingot.Blocks.$Shape|null;
         *   patchTable?: ingot.PatchRun.$Shape|null;
         *   patch?: ingot.PatchRun.$Shape|null;
         *   zstd?: boolean|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ what?: undefined; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "segments"; segments: ingot.Run.$Shape; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "leafLists"; segments?: null; leafLists: ingot.Run.$Shape; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "leaves"; segments?: null; leafLists?: null; leaves: ingot.Run.$Shape; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "pageTable"; segments?: null; leafLists?: null; leaves?: null; pageTable: ingot.PageTable.$Shape; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "pages"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages: ingot.Run.$Shape; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "leafDigests"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests: ingot.Run.$Shape; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "blockKeys"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys: ingot.Run.$Shape; blocks?: null; patchTable?: null; patch?: null }|{ what?: "blocks"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks: ingot.Blocks.$Shape; patchTable?: null; patch?: null }|{ what?: "patchTable"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable: ingot.PatchRun.$Shape; patch?: null }|{ what?: "patch"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch: ingot.PatchRun.$Shape })
         * )} ingot.ContentRequest.$Shape
         */

        /**
         * Constructs a new ContentRequest.
         * @memberof ingot
         * @classdesc Represents a ContentRequest.
         * @constructor
         * @param {ingot.ContentRequest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ContentRequest = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ContentRequest image.
         * @member {Uint8Array} image
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.image = $util.newBuffer([]);

        /**
         * ContentRequest segments.
         * @member {ingot.Run.$Properties|null|undefined} segments
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.segments = null;

        /**
         * ContentRequest leafLists.
         * @member {ingot.Run.$Properties|null|undefined} leafLists
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.leafLists = null;

        /**
         * ContentRequest leaves.
         * @member {ingot.Run.$Properties|null|undefined} leaves
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.leaves = null;

        /**
         * ContentRequest pageTable.
         * @member {ingot.PageTable.$Properties|null|undefined} pageTable
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.pageTable = null;

        /**
         * ContentRequest pages.
         * @member {ingot.Run.$Properties|null|undefined} pages
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.pages = null;

        /**
         * ContentRequest leafDigests.
         * @member {ingot.Run.$Properties|null|undefined} leafDigests
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.leafDigests = null;

        /**
         * ContentRequest blockKeys.
         * @member {ingot.Run.$Properties|null|undefined} blockKeys
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.blockKeys = null;

        /**
         * ContentRequest blocks.
         * @member {ingot.Blocks.$Properties|null|undefined} blocks
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.blocks = null;

        /**
         * ContentRequest patchTable.
         * @member {ingot.PatchRun.$Properties|null|undefined} patchTable
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.patchTable = null;

        /**
         * ContentRequest patch.
         * @member {ingot.PatchRun.$Properties|null|undefined} patch
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.patch = null;

        /**
         * ContentRequest zstd.
         * @member {boolean} zstd
         * @memberof ingot.ContentRequest
         * @instance
         */
        ContentRequest.prototype.zstd = false;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * ContentRequest what.
         * @member {"segments"|"leafLists"|"leaves"|"pageTable"|"pages"|"leafDigests"|"blockKeys"|"blocks"|"patchTable"|"patch"|undefined} what
         * @memberof ingot.ContentRequest
         * @instance
         */
        $Object.defineProperty(ContentRequest.prototype, "what", {
            get: $util.oneOfGetter($oneOfFields = ["segments", "leafLists", "leaves", "pageTable", "pages", "leafDigests", "blockKeys", "blocks", "patchTable", "patch"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified ContentRequest message. Does not implicitly {@link ingot.ContentRequest.verify|verify} messages.
         * @function encode
         * @memberof ingot.ContentRequest
         * @static
         * @param {ingot.ContentRequest.$Properties} message ContentRequest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ContentRequest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.image);
            if (message.segments != null && $Object.hasOwnProperty.call(message, "segments"))
                $root.ingot.Run.encode(message.segments, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.leafLists != null && $Object.hasOwnProperty.call(message, "leafLists"))
                $root.ingot.Run.encode(message.leafLists, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.leaves != null && $Object.hasOwnProperty.call(message, "leaves"))
                $root.ingot.Run.encode(message.leaves, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.pageTable != null && $Object.hasOwnProperty.call(message, "pageTable"))
                $root.ingot.PageTable.encode(message.pageTable, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.pages != null && $Object.hasOwnProperty.call(message, "pages"))
                $root.ingot.Run.encode(message.pages, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.leafDigests != null && $Object.hasOwnProperty.call(message, "leafDigests"))
                $root.ingot.Run.encode(message.leafDigests, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.blockKeys != null && $Object.hasOwnProperty.call(message, "blockKeys"))
                $root.ingot.Run.encode(message.blockKeys, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.blocks != null && $Object.hasOwnProperty.call(message, "blocks"))
                $root.ingot.Blocks.encode(message.blocks, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.patchTable != null && $Object.hasOwnProperty.call(message, "patchTable"))
                $root.ingot.PatchRun.encode(message.patchTable, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.patch != null && $Object.hasOwnProperty.call(message, "patch"))
                $root.ingot.PatchRun.encode(message.patch, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.zstd != null && $Object.hasOwnProperty.call(message, "zstd") && message.zstd !== false)
                writer.uint32(/* id 16, wireType 0 =*/128).bool(message.zstd);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ContentRequest message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.ContentRequest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.ContentRequest & ingot.ContentRequest.$Shape} ContentRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ContentRequest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.ContentRequest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.image = value;
                        else
                            delete message.image;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.segments = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.segments);
                        message.what = "segments";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.leafLists = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.leafLists);
                        message.what = "leafLists";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.leaves = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.leaves);
                        message.what = "leaves";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.pageTable = $root.ingot.PageTable.decode(reader, reader.size(), $undefined, _depth + 1, message.pageTable);
                        message.what = "pageTable";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.pages = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.pages);
                        message.what = "pages";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.leafDigests = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.leafDigests);
                        message.what = "leafDigests";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.blockKeys = $root.ingot.Run.decode(reader, reader.size(), $undefined, _depth + 1, message.blockKeys);
                        message.what = "blockKeys";
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.blocks = $root.ingot.Blocks.decode(reader, reader.size(), $undefined, _depth + 1, message.blocks);
                        message.what = "blocks";
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.patchTable = $root.ingot.PatchRun.decode(reader, reader.size(), $undefined, _depth + 1, message.patchTable);
                        message.what = "patchTable";
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        message.patch = $root.ingot.PatchRun.decode(reader, reader.size(), $undefined, _depth + 1, message.patch);
                        message.what = "patch";
                        continue;
                    }
                case 16: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.zstd = value;
                        else
                            delete message.zstd;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ContentRequest;
    })();

    /**
     * ContentCode enum.
     * @name ingot.ContentCode
     * @enum {number}
     * @property {number} CONTENT_UNSPECIFIED=0 CONTENT_UNSPECIFIED value
     * @property {number} CONTENT_OK=1 CONTENT_OK value
     * @property {number} CONTENT_NOT_ANNOUNCED=2 CONTENT_NOT_ANNOUNCED value
     * @property {number} CONTENT_NOT_FOUND=3 CONTENT_NOT_FOUND value
     * @property {number} CONTENT_CHANGED_ON_DISK=4 CONTENT_CHANGED_ON_DISK value
     * @property {number} CONTENT_TOO_LARGE=5 CONTENT_TOO_LARGE value
     * @property {number} CONTENT_BUSY=6 CONTENT_BUSY value
     * @property {number} CONTENT_INVALID=7 CONTENT_INVALID value
     * @property {number} CONTENT_INTERNAL=8 CONTENT_INTERNAL value
     */
    ingot.ContentCode = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "CONTENT_UNSPECIFIED"] = 0;
        values[valuesById[1] = "CONTENT_OK"] = 1;
        values[valuesById[2] = "CONTENT_NOT_ANNOUNCED"] = 2;
        values[valuesById[3] = "CONTENT_NOT_FOUND"] = 3;
        values[valuesById[4] = "CONTENT_CHANGED_ON_DISK"] = 4;
        values[valuesById[5] = "CONTENT_TOO_LARGE"] = 5;
        values[valuesById[6] = "CONTENT_BUSY"] = 6;
        values[valuesById[7] = "CONTENT_INVALID"] = 7;
        values[valuesById[8] = "CONTENT_INTERNAL"] = 8;
        return values;
    })();

    /**
     * Encoding enum.
     * @name ingot.Encoding
     * @enum {number}
     * @property {number} ENCODING_RAW=0 ENCODING_RAW value
     * @property {number} ENCODING_ZSTD=1 ENCODING_ZSTD value
     */
    ingot.Encoding = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "ENCODING_RAW"] = 0;
        values[valuesById[1] = "ENCODING_ZSTD"] = 1;
        return values;
    })();

    ingot.ContentAnswer = (function() {

        /**
         * Properties of a ContentAnswer.
         * @typedef {Object} ingot.ContentAnswer.$Properties
         * @property {ingot.ContentCode|null} [code] ContentAnswer code
         * @property {number|null} [payloadBytes] ContentAnswer payloadBytes
         * @property {ingot.Encoding|null} [encoding] ContentAnswer encoding
         * @property {number|null} [retryAfterMs] ContentAnswer retryAfterMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ContentAnswer.
         * @memberof ingot
         * @interface IContentAnswer
         * @augments ingot.ContentAnswer.$Properties
         * @deprecated Use ingot.ContentAnswer.$Properties instead.
         */

        /**
         * Shape of a ContentAnswer.
         * @typedef {ingot.ContentAnswer.$Properties} ingot.ContentAnswer.$Shape
         */

        /**
         * Constructs a new ContentAnswer.
         * @memberof ingot
         * @classdesc Represents a ContentAnswer.
         * @constructor
         * @param {ingot.ContentAnswer.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ContentAnswer = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ContentAnswer code.
         * @member {ingot.ContentCode} code
         * @memberof ingot.ContentAnswer
         * @instance
         */
        ContentAnswer.prototype.code = 0;

        /**
         * ContentAnswer payloadBytes.
         * @member {number} payloadBytes
         * @memberof ingot.ContentAnswer
         * @instance
         */
        ContentAnswer.prototype.payloadBytes = 0;

        /**
         * ContentAnswer encoding.
         * @member {ingot.Encoding} encoding
         * @memberof ingot.ContentAnswer
         * @instance
         */
        ContentAnswer.prototype.encoding = 0;

        /**
         * ContentAnswer retryAfterMs.
         * @member {number} retryAfterMs
         * @memberof ingot.ContentAnswer
         * @instance
         */
        ContentAnswer.prototype.retryAfterMs = 0;

        /**
         * Encodes the specified ContentAnswer message. Does not implicitly {@link ingot.ContentAnswer.verify|verify} messages.
         * @function encode
         * @memberof ingot.ContentAnswer
         * @static
         * @param {ingot.ContentAnswer.$Properties} message ContentAnswer message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ContentAnswer.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.code);
            if (message.payloadBytes != null && $Object.hasOwnProperty.call(message, "payloadBytes") && message.payloadBytes !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.payloadBytes);
            if (message.encoding != null && $Object.hasOwnProperty.call(message, "encoding") && message.encoding !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).int32(message.encoding);
            if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs") && message.retryAfterMs !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.retryAfterMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ContentAnswer message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.ContentAnswer
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.ContentAnswer & ingot.ContentAnswer.$Shape} ContentAnswer
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ContentAnswer.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.ContentAnswer();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.payloadBytes = value;
                        else
                            delete message.payloadBytes;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.encoding = value;
                        else
                            delete message.encoding;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.retryAfterMs = value;
                        else
                            delete message.retryAfterMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ContentAnswer;
    })();

    ingot.Farewell = (function() {

        /**
         * Properties of a Farewell.
         * @typedef {Object} ingot.Farewell.$Properties
         * @property {number|null} [time] Farewell time
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Farewell.
         * @memberof ingot
         * @interface IFarewell
         * @augments ingot.Farewell.$Properties
         * @deprecated Use ingot.Farewell.$Properties instead.
         */

        /**
         * Shape of a Farewell.
         * @typedef {ingot.Farewell.$Properties} ingot.Farewell.$Shape
         */

        /**
         * Constructs a new Farewell.
         * @memberof ingot
         * @classdesc Represents a Farewell.
         * @constructor
         * @param {ingot.Farewell.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Farewell = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Farewell time.
         * @member {number} time
         * @memberof ingot.Farewell
         * @instance
         */
        Farewell.prototype.time = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified Farewell message. Does not implicitly {@link ingot.Farewell.verify|verify} messages.
         * @function encode
         * @memberof ingot.Farewell
         * @static
         * @param {ingot.Farewell.$Properties} message Farewell message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Farewell.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.time != null && $Object.hasOwnProperty.call(message, "time") && (typeof message.time === "object" ? message.time.low || message.time.high : message.time !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.time);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Farewell message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Farewell
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Farewell & ingot.Farewell.$Shape} Farewell
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Farewell.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Farewell();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.time = value;
                        else
                            delete message.time;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Farewell;
    })();

    ingot.FarewellAck = (function() {

        /**
         * Properties of a FarewellAck.
         * @typedef {Object} ingot.FarewellAck.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a FarewellAck.
         * @memberof ingot
         * @interface IFarewellAck
         * @augments ingot.FarewellAck.$Properties
         * @deprecated Use ingot.FarewellAck.$Properties instead.
         */

        /**
         * Shape of a FarewellAck.
         * @typedef {ingot.FarewellAck.$Properties} ingot.FarewellAck.$Shape
         */

        /**
         * Constructs a new FarewellAck.
         * @memberof ingot
         * @classdesc Represents a FarewellAck.
         * @constructor
         * @param {ingot.FarewellAck.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const FarewellAck = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified FarewellAck message. Does not implicitly {@link ingot.FarewellAck.verify|verify} messages.
         * @function encode
         * @memberof ingot.FarewellAck
         * @static
         * @param {ingot.FarewellAck.$Properties} message FarewellAck message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        FarewellAck.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a FarewellAck message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.FarewellAck
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.FarewellAck & ingot.FarewellAck.$Shape} FarewellAck
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        FarewellAck.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.FarewellAck();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return FarewellAck;
    })();

    ingot.Hello = (function() {

        /**
         * Properties of a Hello.
         * @typedef {Object} ingot.Hello.$Properties
         * @property {number|null} [version] Hello version
         * @property {string|null} [software] Hello software
         * @property {Array.<string>|null} [features] Hello features
         * @property {Array.<string>|null} [addresses] Hello addresses
         * @property {string|null} [name] Hello name
         * @property {ingot.Head.$Properties|null} [ownHead] Hello ownHead
         * @property {ingot.Head.$Properties|null} [heldHead] Hello heldHead
         * @property {Uint8Array|null} [instance] Hello instance
         * @property {boolean|null} [contentOnly] Hello contentOnly
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Hello.
         * @memberof ingot
         * @interface IHello
         * @augments ingot.Hello.$Properties
         * @deprecated Use ingot.Hello.$Properties instead.
         */

        /**
         * Shape of a Hello.
         * @typedef {ingot.Hello.$Properties} ingot.Hello.$Shape
         */

        /**
         * Constructs a new Hello.
         * @memberof ingot
         * @classdesc Represents a Hello.
         * @constructor
         * @param {ingot.Hello.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Hello = function (properties) {
            this.features = [];
            this.addresses = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Hello version.
         * @member {number} version
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.version = 0;

        /**
         * Hello software.
         * @member {string} software
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.software = "";

        /**
         * Hello features.
         * @member {Array.<string>} features
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.features = $util.emptyArray;

        /**
         * Hello addresses.
         * @member {Array.<string>} addresses
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.addresses = $util.emptyArray;

        /**
         * Hello name.
         * @member {string} name
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.name = "";

        /**
         * Hello ownHead.
         * @member {ingot.Head.$Properties|null|undefined} ownHead
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.ownHead = null;

        /**
         * Hello heldHead.
         * @member {ingot.Head.$Properties|null|undefined} heldHead
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.heldHead = null;

        /**
         * Hello instance.
         * @member {Uint8Array} instance
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.instance = $util.newBuffer([]);

        /**
         * Hello contentOnly.
         * @member {boolean} contentOnly
         * @memberof ingot.Hello
         * @instance
         */
        Hello.prototype.contentOnly = false;

        /**
         * Encodes the specified Hello message. Does not implicitly {@link ingot.Hello.verify|verify} messages.
         * @function encode
         * @memberof ingot.Hello
         * @static
         * @param {ingot.Hello.$Properties} message Hello message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Hello.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
            if (message.software != null && $Object.hasOwnProperty.call(message, "software") && message.software !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.software);
            if (message.features != null && message.features.length)
                for (let i = 0; i < message.features.length; ++i)
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.features[i]);
            if (message.addresses != null && message.addresses.length)
                for (let i = 0; i < message.addresses.length; ++i)
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.addresses[i]);
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.name);
            if (message.ownHead != null && $Object.hasOwnProperty.call(message, "ownHead"))
                $root.ingot.Head.encode(message.ownHead, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.heldHead != null && $Object.hasOwnProperty.call(message, "heldHead"))
                $root.ingot.Head.encode(message.heldHead, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.instance != null && $Object.hasOwnProperty.call(message, "instance") && message.instance.length)
                writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.instance);
            if (message.contentOnly != null && $Object.hasOwnProperty.call(message, "contentOnly") && message.contentOnly !== false)
                writer.uint32(/* id 9, wireType 0 =*/72).bool(message.contentOnly);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Hello message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Hello
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Hello & ingot.Hello.$Shape} Hello
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Hello.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Hello();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.version = value;
                        else
                            delete message.version;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.software = value;
                        else
                            delete message.software;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if (!(message.features && message.features.length))
                            message.features = [];
                        message.features.push(reader.stringVerify());
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.addresses && message.addresses.length))
                            message.addresses = [];
                        message.addresses.push(reader.stringVerify());
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.ownHead = $root.ingot.Head.decode(reader, reader.size(), $undefined, _depth + 1, message.ownHead);
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.heldHead = $root.ingot.Head.decode(reader, reader.size(), $undefined, _depth + 1, message.heldHead);
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.instance = value;
                        else
                            delete message.instance;
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.contentOnly = value;
                        else
                            delete message.contentOnly;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Hello;
    })();

    /**
     * HelloRefusal enum.
     * @name ingot.HelloRefusal
     * @enum {number}
     * @property {number} HELLO_REFUSAL_NONE=0 HELLO_REFUSAL_NONE value
     * @property {number} HELLO_REFUSAL_VERSION=1 HELLO_REFUSAL_VERSION value
     * @property {number} HELLO_REFUSAL_SUSPENDED=2 HELLO_REFUSAL_SUSPENDED value
     * @property {number} HELLO_REFUSAL_INVALID=3 HELLO_REFUSAL_INVALID value
     */
    ingot.HelloRefusal = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "HELLO_REFUSAL_NONE"] = 0;
        values[valuesById[1] = "HELLO_REFUSAL_VERSION"] = 1;
        values[valuesById[2] = "HELLO_REFUSAL_SUSPENDED"] = 2;
        values[valuesById[3] = "HELLO_REFUSAL_INVALID"] = 3;
        return values;
    })();

    ingot.HelloAnswer = (function() {

        /**
         * Properties of a HelloAnswer.
         * @typedef {Object} ingot.HelloAnswer.$Properties
         * @property {ingot.HelloRefusal|null} [refusal] HelloAnswer refusal
         * @property {string|null} [detail] HelloAnswer detail
         * @property {ingot.Hello.$Properties|null} [hello] HelloAnswer hello
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a HelloAnswer.
         * @memberof ingot
         * @interface IHelloAnswer
         * @augments ingot.HelloAnswer.$Properties
         * @deprecated Use ingot.HelloAnswer.$Properties instead.
         */

        /**
         * Shape of a HelloAnswer.
         * @typedef {ingot.HelloAnswer.$Properties} ingot.HelloAnswer.$Shape
         */

        /**
         * Constructs a new HelloAnswer.
         * @memberof ingot
         * @classdesc Represents a HelloAnswer.
         * @constructor
         * @param {ingot.HelloAnswer.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const HelloAnswer = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * HelloAnswer refusal.
         * @member {ingot.HelloRefusal} refusal
         * @memberof ingot.HelloAnswer
         * @instance
         */
        HelloAnswer.prototype.refusal = 0;

        /**
         * HelloAnswer detail.
         * @member {string} detail
         * @memberof ingot.HelloAnswer
         * @instance
         */
        HelloAnswer.prototype.detail = "";

        /**
         * HelloAnswer hello.
         * @member {ingot.Hello.$Properties|null|undefined} hello
         * @memberof ingot.HelloAnswer
         * @instance
         */
        HelloAnswer.prototype.hello = null;

        /**
         * Encodes the specified HelloAnswer message. Does not implicitly {@link ingot.HelloAnswer.verify|verify} messages.
         * @function encode
         * @memberof ingot.HelloAnswer
         * @static
         * @param {ingot.HelloAnswer.$Properties} message HelloAnswer message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        HelloAnswer.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal") && message.refusal !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.refusal);
            if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.detail);
            if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                $root.ingot.Hello.encode(message.hello, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a HelloAnswer message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.HelloAnswer
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.HelloAnswer & ingot.HelloAnswer.$Shape} HelloAnswer
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        HelloAnswer.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.HelloAnswer();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.refusal = value;
                        else
                            delete message.refusal;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.detail = value;
                        else
                            delete message.detail;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.hello = $root.ingot.Hello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return HelloAnswer;
    })();

    ingot.Head = (function() {

        /**
         * Properties of a Head.
         * @typedef {Object} ingot.Head.$Properties
         * @property {Uint8Array|null} [journalId] Head journalId
         * @property {number|null} [seq] Head seq
         * @property {Uint8Array|null} [hash] Head hash
         * @property {number|null} [time] Head time
         * @property {Uint8Array|null} [signature] Head signature
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Head.
         * @memberof ingot
         * @interface IHead
         * @augments ingot.Head.$Properties
         * @deprecated Use ingot.Head.$Properties instead.
         */

        /**
         * Shape of a Head.
         * @typedef {ingot.Head.$Properties} ingot.Head.$Shape
         */

        /**
         * Constructs a new Head.
         * @memberof ingot
         * @classdesc Represents a Head.
         * @constructor
         * @param {ingot.Head.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Head = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Head journalId.
         * @member {Uint8Array} journalId
         * @memberof ingot.Head
         * @instance
         */
        Head.prototype.journalId = $util.newBuffer([]);

        /**
         * Head seq.
         * @member {number} seq
         * @memberof ingot.Head
         * @instance
         */
        Head.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Head hash.
         * @member {Uint8Array} hash
         * @memberof ingot.Head
         * @instance
         */
        Head.prototype.hash = $util.newBuffer([]);

        /**
         * Head time.
         * @member {number} time
         * @memberof ingot.Head
         * @instance
         */
        Head.prototype.time = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Head signature.
         * @member {Uint8Array} signature
         * @memberof ingot.Head
         * @instance
         */
        Head.prototype.signature = $util.newBuffer([]);

        /**
         * Encodes the specified Head message. Does not implicitly {@link ingot.Head.verify|verify} messages.
         * @function encode
         * @memberof ingot.Head
         * @static
         * @param {ingot.Head.$Properties} message Head message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Head.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.journalId != null && $Object.hasOwnProperty.call(message, "journalId") && message.journalId.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.journalId);
            if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.seq);
            if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.hash);
            if (message.time != null && $Object.hasOwnProperty.call(message, "time") && (typeof message.time === "object" ? message.time.low || message.time.high : message.time !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.time);
            if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.signature);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Head message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Head
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Head & ingot.Head.$Shape} Head
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Head.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Head();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.journalId = value;
                        else
                            delete message.journalId;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.seq = value;
                        else
                            delete message.seq;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hash = value;
                        else
                            delete message.hash;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.time = value;
                        else
                            delete message.time;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.signature = value;
                        else
                            delete message.signature;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Head;
    })();

    ingot.Event = (function() {

        /**
         * Properties of an Event.
         * @typedef {Object} ingot.Event.$Properties
         * @property {ingot.SignedManifest.$Properties|null} [imagePublished] Event imagePublished
         * @property {ingot.ImageWithdrawn.$Properties|null} [imageWithdrawn] Event imageWithdrawn
         * @property {ingot.ImageDeleted.$Properties|null} [imageDeleted] Event imageDeleted
         * @property {ingot.SeriesCreated.$Properties|null} [seriesCreated] Event seriesCreated
         * @property {ingot.SeriesInserted.$Properties|null} [seriesInserted] Event seriesInserted
         * @property {ingot.SeriesRemoved.$Properties|null} [seriesRemoved] Event seriesRemoved
         * @property {ingot.SeriesDeleted.$Properties|null} [seriesDeleted] Event seriesDeleted
         * @property {"imagePublished"|"imageWithdrawn"|"imageDeleted"|"seriesCreated"|"seriesInserted"|"seriesRemoved"|"seriesDeleted"} [event] Event event
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Event.
         * @memberof ingot
         * @interface IEvent
         * @augments ingot.Event.$Properties
         * @deprecated Use ingot.Event.$Properties instead.
         */

        /**
         * Narrowed shape of an Event.
         * @typedef {{
         *   imagePublished?: ingot.SignedManifest.$Shape|null;
         *   imageWithdrawn?: ingot.ImageWithdrawn.$Shape|null;
         *   imageDeleted?: ingot.ImageDeleted.$Shape|null;
         *   seriesCreated?: ingot.SeriesCreated.$Shape|null;
         *   seriesInserted?: ingot.SeriesInserted.$Shape|null;
         *   seriesRemoved?: ingot.SeriesRemoved.$Shape|null;
         *   seriesDeleted?: ingot.SeriesDeleted.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ event?: undefined; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "imagePublished"; imagePublished: ingot.SignedManifest.$Shape; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "imageWithdrawn"; imagePublished?: null; imageWithdrawn: ingot.ImageWithdrawn.$Shape; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "imageDeleted"; imagePublished?: null; imageWithdrawn?: null; imageDeleted: ingot.ImageDeleted.$Shape; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "seriesCreated"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated: ingot.SeriesCreated.$Shape; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "seriesInserted"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted: ingot.SeriesInserted.$Shape; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "seriesRemoved"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved: ingot.SeriesRemoved.$Shape; seriesDeleted?: null }|{ event?: "seriesDeleted"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted: ingot.SeriesDeleted.$Shape })
         * )} ingot.Event.$Shape
         */

        /**
         * Constructs a new Event.
         * @memberof ingot
         * @classdesc Represents an Event.
         * @constructor
         * @param {ingot.Event.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Event = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Event imagePublished.
         * @member {ingot.SignedManifest.$Properties|null|undefined} imagePublished
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.imagePublished = null;

        /**
         * Event imageWithdrawn.
         * @member {ingot.ImageWithdrawn.$Properties|null|undefined} imageWithdrawn
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.imageWithdrawn = null;

        /**
         * Event imageDeleted.
         * @member {ingot.ImageDeleted.$Properties|null|undefined} imageDeleted
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.imageDeleted = null;

        /**
         * Event seriesCreated.
         * @member {ingot.SeriesCreated.$Properties|null|undefined} seriesCreated
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.seriesCreated = null;

        /**
         * Event seriesInserted.
         * @member {ingot.SeriesInserted.$Properties|null|undefined} seriesInserted
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.seriesInserted = null;

        /**
         * Event seriesRemoved.
         * @member {ingot.SeriesRemoved.$Properties|null|undefined} seriesRemoved
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.seriesRemoved = null;

        /**
         * Event seriesDeleted.
         * @member {ingot.SeriesDeleted.$Properties|null|undefined} seriesDeleted
         * @memberof ingot.Event
         * @instance
         */
        Event.prototype.seriesDeleted = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * Event event.
         * @member {"imagePublished"|"imageWithdrawn"|"imageDeleted"|"seriesCreated"|"seriesInserted"|"seriesRemoved"|"seriesDeleted"|undefined} event
         * @memberof ingot.Event
         * @instance
         */
        $Object.defineProperty(Event.prototype, "event", {
            get: $util.oneOfGetter($oneOfFields = ["imagePublished", "imageWithdrawn", "imageDeleted", "seriesCreated", "seriesInserted", "seriesRemoved", "seriesDeleted"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified Event message. Does not implicitly {@link ingot.Event.verify|verify} messages.
         * @function encode
         * @memberof ingot.Event
         * @static
         * @param {ingot.Event.$Properties} message Event message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Event.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.imagePublished != null && $Object.hasOwnProperty.call(message, "imagePublished"))
                $root.ingot.SignedManifest.encode(message.imagePublished, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.imageWithdrawn != null && $Object.hasOwnProperty.call(message, "imageWithdrawn"))
                $root.ingot.ImageWithdrawn.encode(message.imageWithdrawn, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.imageDeleted != null && $Object.hasOwnProperty.call(message, "imageDeleted"))
                $root.ingot.ImageDeleted.encode(message.imageDeleted, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.seriesCreated != null && $Object.hasOwnProperty.call(message, "seriesCreated"))
                $root.ingot.SeriesCreated.encode(message.seriesCreated, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.seriesInserted != null && $Object.hasOwnProperty.call(message, "seriesInserted"))
                $root.ingot.SeriesInserted.encode(message.seriesInserted, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.seriesRemoved != null && $Object.hasOwnProperty.call(message, "seriesRemoved"))
                $root.ingot.SeriesRemoved.encode(message.seriesRemoved, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.seriesDeleted != null && $Object.hasOwnProperty.call(message, "seriesDeleted"))
                $root.ingot.SeriesDeleted.encode(message.seriesDeleted, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Event message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Event
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Event & ingot.Event.$Shape} Event
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Event.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Event();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.imagePublished = $root.ingot.SignedManifest.decode(reader, reader.size(), $undefined, _depth + 1, message.imagePublished);
                        message.event = "imagePublished";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.imageWithdrawn = $root.ingot.ImageWithdrawn.decode(reader, reader.size(), $undefined, _depth + 1, message.imageWithdrawn);
                        message.event = "imageWithdrawn";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.imageDeleted = $root.ingot.ImageDeleted.decode(reader, reader.size(), $undefined, _depth + 1, message.imageDeleted);
                        message.event = "imageDeleted";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.seriesCreated = $root.ingot.SeriesCreated.decode(reader, reader.size(), $undefined, _depth + 1, message.seriesCreated);
                        message.event = "seriesCreated";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.seriesInserted = $root.ingot.SeriesInserted.decode(reader, reader.size(), $undefined, _depth + 1, message.seriesInserted);
                        message.event = "seriesInserted";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.seriesRemoved = $root.ingot.SeriesRemoved.decode(reader, reader.size(), $undefined, _depth + 1, message.seriesRemoved);
                        message.event = "seriesRemoved";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.seriesDeleted = $root.ingot.SeriesDeleted.decode(reader, reader.size(), $undefined, _depth + 1, message.seriesDeleted);
                        message.event = "seriesDeleted";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Event;
    })();

    ingot.ImageWithdrawn = (function() {

        /**
         * Properties of an ImageWithdrawn.
         * @typedef {Object} ingot.ImageWithdrawn.$Properties
         * @property {Uint8Array|null} [image] ImageWithdrawn image
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an ImageWithdrawn.
         * @memberof ingot
         * @interface IImageWithdrawn
         * @augments ingot.ImageWithdrawn.$Properties
         * @deprecated Use ingot.ImageWithdrawn.$Properties instead.
         */

        /**
         * Shape of an ImageWithdrawn.
         * @typedef {ingot.ImageWithdrawn.$Properties} ingot.ImageWithdrawn.$Shape
         */

        /**
         * Constructs a new ImageWithdrawn.
         * @memberof ingot
         * @classdesc Represents an ImageWithdrawn.
         * @constructor
         * @param {ingot.ImageWithdrawn.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ImageWithdrawn = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ImageWithdrawn image.
         * @member {Uint8Array} image
         * @memberof ingot.ImageWithdrawn
         * @instance
         */
        ImageWithdrawn.prototype.image = $util.newBuffer([]);

        /**
         * Encodes the specified ImageWithdrawn message. Does not implicitly {@link ingot.ImageWithdrawn.verify|verify} messages.
         * @function encode
         * @memberof ingot.ImageWithdrawn
         * @static
         * @param {ingot.ImageWithdrawn.$Properties} message ImageWithdrawn message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ImageWithdrawn.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.image);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an ImageWithdrawn message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.ImageWithdrawn
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.ImageWithdrawn & ingot.ImageWithdrawn.$Shape} ImageWithdrawn
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ImageWithdrawn.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.ImageWithdrawn();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.image = value;
                        else
                            delete message.image;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ImageWithdrawn;
    })();

    ingot.ImageDeleted = (function() {

        /**
         * Properties of an ImageDeleted.
         * @typedef {Object} ingot.ImageDeleted.$Properties
         * @property {Uint8Array|null} [image] ImageDeleted image
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an ImageDeleted.
         * @memberof ingot
         * @interface IImageDeleted
         * @augments ingot.ImageDeleted.$Properties
         * @deprecated Use ingot.ImageDeleted.$Properties instead.
         */

        /**
         * Shape of an ImageDeleted.
         * @typedef {ingot.ImageDeleted.$Properties} ingot.ImageDeleted.$Shape
         */

        /**
         * Constructs a new ImageDeleted.
         * @memberof ingot
         * @classdesc Represents an ImageDeleted.
         * @constructor
         * @param {ingot.ImageDeleted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ImageDeleted = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ImageDeleted image.
         * @member {Uint8Array} image
         * @memberof ingot.ImageDeleted
         * @instance
         */
        ImageDeleted.prototype.image = $util.newBuffer([]);

        /**
         * Encodes the specified ImageDeleted message. Does not implicitly {@link ingot.ImageDeleted.verify|verify} messages.
         * @function encode
         * @memberof ingot.ImageDeleted
         * @static
         * @param {ingot.ImageDeleted.$Properties} message ImageDeleted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ImageDeleted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.image);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an ImageDeleted message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.ImageDeleted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.ImageDeleted & ingot.ImageDeleted.$Shape} ImageDeleted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ImageDeleted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.ImageDeleted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.image = value;
                        else
                            delete message.image;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ImageDeleted;
    })();

    ingot.SeriesCreated = (function() {

        /**
         * Properties of a SeriesCreated.
         * @typedef {Object} ingot.SeriesCreated.$Properties
         * @property {string|null} [series] SeriesCreated series
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SeriesCreated.
         * @memberof ingot
         * @interface ISeriesCreated
         * @augments ingot.SeriesCreated.$Properties
         * @deprecated Use ingot.SeriesCreated.$Properties instead.
         */

        /**
         * Shape of a SeriesCreated.
         * @typedef {ingot.SeriesCreated.$Properties} ingot.SeriesCreated.$Shape
         */

        /**
         * Constructs a new SeriesCreated.
         * @memberof ingot
         * @classdesc Represents a SeriesCreated.
         * @constructor
         * @param {ingot.SeriesCreated.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SeriesCreated = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SeriesCreated series.
         * @member {string} series
         * @memberof ingot.SeriesCreated
         * @instance
         */
        SeriesCreated.prototype.series = "";

        /**
         * Encodes the specified SeriesCreated message. Does not implicitly {@link ingot.SeriesCreated.verify|verify} messages.
         * @function encode
         * @memberof ingot.SeriesCreated
         * @static
         * @param {ingot.SeriesCreated.$Properties} message SeriesCreated message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SeriesCreated.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.series != null && $Object.hasOwnProperty.call(message, "series") && message.series !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.series);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SeriesCreated message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SeriesCreated
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SeriesCreated & ingot.SeriesCreated.$Shape} SeriesCreated
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SeriesCreated.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SeriesCreated();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.series = value;
                        else
                            delete message.series;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SeriesCreated;
    })();

    ingot.SeriesInserted = (function() {

        /**
         * Properties of a SeriesInserted.
         * @typedef {Object} ingot.SeriesInserted.$Properties
         * @property {string|null} [series] SeriesInserted series
         * @property {Uint8Array|null} [image] SeriesInserted image
         * @property {number|null} [place] SeriesInserted place
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SeriesInserted.
         * @memberof ingot
         * @interface ISeriesInserted
         * @augments ingot.SeriesInserted.$Properties
         * @deprecated Use ingot.SeriesInserted.$Properties instead.
         */

        /**
         * Shape of a SeriesInserted.
         * @typedef {ingot.SeriesInserted.$Properties} ingot.SeriesInserted.$Shape
         */

        /**
         * Constructs a new SeriesInserted.
         * @memberof ingot
         * @classdesc Represents a SeriesInserted.
         * @constructor
         * @param {ingot.SeriesInserted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SeriesInserted = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SeriesInserted series.
         * @member {string} series
         * @memberof ingot.SeriesInserted
         * @instance
         */
        SeriesInserted.prototype.series = "";

        /**
         * SeriesInserted image.
         * @member {Uint8Array} image
         * @memberof ingot.SeriesInserted
         * @instance
         */
        SeriesInserted.prototype.image = $util.newBuffer([]);

        /**
         * SeriesInserted place.
         * @member {number} place
         * @memberof ingot.SeriesInserted
         * @instance
         */
        SeriesInserted.prototype.place = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified SeriesInserted message. Does not implicitly {@link ingot.SeriesInserted.verify|verify} messages.
         * @function encode
         * @memberof ingot.SeriesInserted
         * @static
         * @param {ingot.SeriesInserted.$Properties} message SeriesInserted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SeriesInserted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.series != null && $Object.hasOwnProperty.call(message, "series") && message.series !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.series);
            if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.image);
            if (message.place != null && $Object.hasOwnProperty.call(message, "place") && (typeof message.place === "object" ? message.place.low || message.place.high : message.place !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.place);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SeriesInserted message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SeriesInserted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SeriesInserted & ingot.SeriesInserted.$Shape} SeriesInserted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SeriesInserted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SeriesInserted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.series = value;
                        else
                            delete message.series;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.image = value;
                        else
                            delete message.image;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.place = value;
                        else
                            delete message.place;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SeriesInserted;
    })();

    ingot.SeriesRemoved = (function() {

        /**
         * Properties of a SeriesRemoved.
         * @typedef {Object} ingot.SeriesRemoved.$Properties
         * @property {string|null} [series] SeriesRemoved series
         * @property {Uint8Array|null} [image] SeriesRemoved image
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SeriesRemoved.
         * @memberof ingot
         * @interface ISeriesRemoved
         * @augments ingot.SeriesRemoved.$Properties
         * @deprecated Use ingot.SeriesRemoved.$Properties instead.
         */

        /**
         * Shape of a SeriesRemoved.
         * @typedef {ingot.SeriesRemoved.$Properties} ingot.SeriesRemoved.$Shape
         */

        /**
         * Constructs a new SeriesRemoved.
         * @memberof ingot
         * @classdesc Represents a SeriesRemoved.
         * @constructor
         * @param {ingot.SeriesRemoved.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SeriesRemoved = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SeriesRemoved series.
         * @member {string} series
         * @memberof ingot.SeriesRemoved
         * @instance
         */
        SeriesRemoved.prototype.series = "";

        /**
         * SeriesRemoved image.
         * @member {Uint8Array} image
         * @memberof ingot.SeriesRemoved
         * @instance
         */
        SeriesRemoved.prototype.image = $util.newBuffer([]);

        /**
         * Encodes the specified SeriesRemoved message. Does not implicitly {@link ingot.SeriesRemoved.verify|verify} messages.
         * @function encode
         * @memberof ingot.SeriesRemoved
         * @static
         * @param {ingot.SeriesRemoved.$Properties} message SeriesRemoved message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SeriesRemoved.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.series != null && $Object.hasOwnProperty.call(message, "series") && message.series !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.series);
            if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.image);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SeriesRemoved message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SeriesRemoved
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SeriesRemoved & ingot.SeriesRemoved.$Shape} SeriesRemoved
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SeriesRemoved.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SeriesRemoved();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.series = value;
                        else
                            delete message.series;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.image = value;
                        else
                            delete message.image;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SeriesRemoved;
    })();

    ingot.SeriesDeleted = (function() {

        /**
         * Properties of a SeriesDeleted.
         * @typedef {Object} ingot.SeriesDeleted.$Properties
         * @property {string|null} [series] SeriesDeleted series
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SeriesDeleted.
         * @memberof ingot
         * @interface ISeriesDeleted
         * @augments ingot.SeriesDeleted.$Properties
         * @deprecated Use ingot.SeriesDeleted.$Properties instead.
         */

        /**
         * Shape of a SeriesDeleted.
         * @typedef {ingot.SeriesDeleted.$Properties} ingot.SeriesDeleted.$Shape
         */

        /**
         * Constructs a new SeriesDeleted.
         * @memberof ingot
         * @classdesc Represents a SeriesDeleted.
         * @constructor
         * @param {ingot.SeriesDeleted.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SeriesDeleted = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SeriesDeleted series.
         * @member {string} series
         * @memberof ingot.SeriesDeleted
         * @instance
         */
        SeriesDeleted.prototype.series = "";

        /**
         * Encodes the specified SeriesDeleted message. Does not implicitly {@link ingot.SeriesDeleted.verify|verify} messages.
         * @function encode
         * @memberof ingot.SeriesDeleted
         * @static
         * @param {ingot.SeriesDeleted.$Properties} message SeriesDeleted message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SeriesDeleted.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.series != null && $Object.hasOwnProperty.call(message, "series") && message.series !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.series);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SeriesDeleted message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SeriesDeleted
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SeriesDeleted & ingot.SeriesDeleted.$Shape} SeriesDeleted
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SeriesDeleted.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SeriesDeleted();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.series = value;
                        else
                            delete message.series;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SeriesDeleted;
    })();

    ingot.JournalEntry = (function() {

        /**
         * Properties of a JournalEntry.
         * @typedef {Object} ingot.JournalEntry.$Properties
         * @property {number|null} [seq] JournalEntry seq
         * @property {number|null} [time] JournalEntry time
         * @property {Uint8Array|null} [previous] JournalEntry previous
         * @property {Uint8Array|null} [bodyDigest] JournalEntry bodyDigest
         * @property {Uint8Array|null} [body] JournalEntry body
         * @property {Uint8Array|null} [signature] JournalEntry signature
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalEntry.
         * @memberof ingot
         * @interface IJournalEntry
         * @augments ingot.JournalEntry.$Properties
         * @deprecated Use ingot.JournalEntry.$Properties instead.
         */

        /**
         * Shape of a JournalEntry.
         * @typedef {ingot.JournalEntry.$Properties} ingot.JournalEntry.$Shape
         */

        /**
         * Constructs a new JournalEntry.
         * @memberof ingot
         * @classdesc Represents a JournalEntry.
         * @constructor
         * @param {ingot.JournalEntry.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalEntry = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalEntry seq.
         * @member {number} seq
         * @memberof ingot.JournalEntry
         * @instance
         */
        JournalEntry.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * JournalEntry time.
         * @member {number} time
         * @memberof ingot.JournalEntry
         * @instance
         */
        JournalEntry.prototype.time = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * JournalEntry previous.
         * @member {Uint8Array} previous
         * @memberof ingot.JournalEntry
         * @instance
         */
        JournalEntry.prototype.previous = $util.newBuffer([]);

        /**
         * JournalEntry bodyDigest.
         * @member {Uint8Array} bodyDigest
         * @memberof ingot.JournalEntry
         * @instance
         */
        JournalEntry.prototype.bodyDigest = $util.newBuffer([]);

        /**
         * JournalEntry body.
         * @member {Uint8Array|null|undefined} body
         * @memberof ingot.JournalEntry
         * @instance
         */
        JournalEntry.prototype.body = null;

        /**
         * JournalEntry signature.
         * @member {Uint8Array} signature
         * @memberof ingot.JournalEntry
         * @instance
         */
        JournalEntry.prototype.signature = $util.newBuffer([]);

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        // Virtual OneOf for proto3 optional field
        $Object.defineProperty(JournalEntry.prototype, "_body", {
            get: $util.oneOfGetter($oneOfFields = ["body"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified JournalEntry message. Does not implicitly {@link ingot.JournalEntry.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalEntry
         * @static
         * @param {ingot.JournalEntry.$Properties} message JournalEntry message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalEntry.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.seq);
            if (message.time != null && $Object.hasOwnProperty.call(message, "time") && (typeof message.time === "object" ? message.time.low || message.time.high : message.time !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.time);
            if (message.previous != null && $Object.hasOwnProperty.call(message, "previous") && message.previous.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.previous);
            if (message.bodyDigest != null && $Object.hasOwnProperty.call(message, "bodyDigest") && message.bodyDigest.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.bodyDigest);
            if (message.body != null && $Object.hasOwnProperty.call(message, "body"))
                writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.body);
            if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.signature);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalEntry message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalEntry
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalEntry & ingot.JournalEntry.$Shape} JournalEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalEntry.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalEntry();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.seq = value;
                        else
                            delete message.seq;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.time = value;
                        else
                            delete message.time;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.previous = value;
                        else
                            delete message.previous;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.bodyDigest = value;
                        else
                            delete message.bodyDigest;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.body = reader.bytes();
                        message._body = "body";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.signature = value;
                        else
                            delete message.signature;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalEntry;
    })();

    ingot.JournalOpen = (function() {

        /**
         * Properties of a JournalOpen.
         * @typedef {Object} ingot.JournalOpen.$Properties
         * @property {Uint8Array|null} [journalId] JournalOpen journalId
         * @property {number|null} [seq] JournalOpen seq
         * @property {Uint8Array|null} [hash] JournalOpen hash
         * @property {boolean|null} [headOnly] JournalOpen headOnly
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalOpen.
         * @memberof ingot
         * @interface IJournalOpen
         * @augments ingot.JournalOpen.$Properties
         * @deprecated Use ingot.JournalOpen.$Properties instead.
         */

        /**
         * Shape of a JournalOpen.
         * @typedef {ingot.JournalOpen.$Properties} ingot.JournalOpen.$Shape
         */

        /**
         * Constructs a new JournalOpen.
         * @memberof ingot
         * @classdesc Represents a JournalOpen.
         * @constructor
         * @param {ingot.JournalOpen.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalOpen = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalOpen journalId.
         * @member {Uint8Array} journalId
         * @memberof ingot.JournalOpen
         * @instance
         */
        JournalOpen.prototype.journalId = $util.newBuffer([]);

        /**
         * JournalOpen seq.
         * @member {number} seq
         * @memberof ingot.JournalOpen
         * @instance
         */
        JournalOpen.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * JournalOpen hash.
         * @member {Uint8Array} hash
         * @memberof ingot.JournalOpen
         * @instance
         */
        JournalOpen.prototype.hash = $util.newBuffer([]);

        /**
         * JournalOpen headOnly.
         * @member {boolean} headOnly
         * @memberof ingot.JournalOpen
         * @instance
         */
        JournalOpen.prototype.headOnly = false;

        /**
         * Encodes the specified JournalOpen message. Does not implicitly {@link ingot.JournalOpen.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalOpen
         * @static
         * @param {ingot.JournalOpen.$Properties} message JournalOpen message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalOpen.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.journalId != null && $Object.hasOwnProperty.call(message, "journalId") && message.journalId.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.journalId);
            if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.seq);
            if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.hash);
            if (message.headOnly != null && $Object.hasOwnProperty.call(message, "headOnly") && message.headOnly !== false)
                writer.uint32(/* id 4, wireType 0 =*/32).bool(message.headOnly);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalOpen message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalOpen
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalOpen & ingot.JournalOpen.$Shape} JournalOpen
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalOpen.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalOpen();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.journalId = value;
                        else
                            delete message.journalId;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.seq = value;
                        else
                            delete message.seq;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.hash = value;
                        else
                            delete message.hash;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.headOnly = value;
                        else
                            delete message.headOnly;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalOpen;
    })();

    ingot.JournalAck = (function() {

        /**
         * Properties of a JournalAck.
         * @typedef {Object} ingot.JournalAck.$Properties
         * @property {number|null} [seq] JournalAck seq
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalAck.
         * @memberof ingot
         * @interface IJournalAck
         * @augments ingot.JournalAck.$Properties
         * @deprecated Use ingot.JournalAck.$Properties instead.
         */

        /**
         * Shape of a JournalAck.
         * @typedef {ingot.JournalAck.$Properties} ingot.JournalAck.$Shape
         */

        /**
         * Constructs a new JournalAck.
         * @memberof ingot
         * @classdesc Represents a JournalAck.
         * @constructor
         * @param {ingot.JournalAck.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalAck = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalAck seq.
         * @member {number} seq
         * @memberof ingot.JournalAck
         * @instance
         */
        JournalAck.prototype.seq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified JournalAck message. Does not implicitly {@link ingot.JournalAck.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalAck
         * @static
         * @param {ingot.JournalAck.$Properties} message JournalAck message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalAck.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && (typeof message.seq === "object" ? message.seq.low || message.seq.high : message.seq !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.seq);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalAck message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalAck
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalAck & ingot.JournalAck.$Shape} JournalAck
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalAck.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalAck();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.seq = value;
                        else
                            delete message.seq;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalAck;
    })();

    ingot.JournalRequest = (function() {

        /**
         * Properties of a JournalRequest.
         * @typedef {Object} ingot.JournalRequest.$Properties
         * @property {ingot.JournalOpen.$Properties|null} [open] JournalRequest open
         * @property {ingot.JournalAck.$Properties|null} [ack] JournalRequest ack
         * @property {"open"|"ack"} [request] JournalRequest request
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalRequest.
         * @memberof ingot
         * @interface IJournalRequest
         * @augments ingot.JournalRequest.$Properties
         * @deprecated Use ingot.JournalRequest.$Properties instead.
         */

        /**
         * Narrowed shape of a JournalRequest.
         * @typedef {{
         *   open?: ingot.JournalOpen.$Shape|null;
         *   ack?: ingot.JournalAck.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ request?: undefined; open?: null; ack?: null }|{ request?: "open"; open: ingot.JournalOpen.$Shape; ack?: null }|{ request?: "ack"; open?: null; ack: ingot.JournalAck.$Shape })
         * )} ingot.JournalRequest.$Shape
         */

        /**
         * Constructs a new JournalRequest.
         * @memberof ingot
         * @classdesc Represents a JournalRequest.
         * @constructor
         * @param {ingot.JournalRequest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalRequest = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalRequest open.
         * @member {ingot.JournalOpen.$Properties|null|undefined} open
         * @memberof ingot.JournalRequest
         * @instance
         */
        JournalRequest.prototype.open = null;

        /**
         * JournalRequest ack.
         * @member {ingot.JournalAck.$Properties|null|undefined} ack
         * @memberof ingot.JournalRequest
         * @instance
         */
        JournalRequest.prototype.ack = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * JournalRequest request.
         * @member {"open"|"ack"|undefined} request
         * @memberof ingot.JournalRequest
         * @instance
         */
        $Object.defineProperty(JournalRequest.prototype, "request", {
            get: $util.oneOfGetter($oneOfFields = ["open", "ack"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified JournalRequest message. Does not implicitly {@link ingot.JournalRequest.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalRequest
         * @static
         * @param {ingot.JournalRequest.$Properties} message JournalRequest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalRequest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.open != null && $Object.hasOwnProperty.call(message, "open"))
                $root.ingot.JournalOpen.encode(message.open, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                $root.ingot.JournalAck.encode(message.ack, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalRequest message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalRequest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalRequest & ingot.JournalRequest.$Shape} JournalRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalRequest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalRequest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.open = $root.ingot.JournalOpen.decode(reader, reader.size(), $undefined, _depth + 1, message.open);
                        message.request = "open";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.ack = $root.ingot.JournalAck.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                        message.request = "ack";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalRequest;
    })();

    ingot.JournalStart = (function() {

        /**
         * Properties of a JournalStart.
         * @typedef {Object} ingot.JournalStart.$Properties
         * @property {ingot.Head.$Properties|null} [head] JournalStart head
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalStart.
         * @memberof ingot
         * @interface IJournalStart
         * @augments ingot.JournalStart.$Properties
         * @deprecated Use ingot.JournalStart.$Properties instead.
         */

        /**
         * Shape of a JournalStart.
         * @typedef {ingot.JournalStart.$Properties} ingot.JournalStart.$Shape
         */

        /**
         * Constructs a new JournalStart.
         * @memberof ingot
         * @classdesc Represents a JournalStart.
         * @constructor
         * @param {ingot.JournalStart.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalStart = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalStart head.
         * @member {ingot.Head.$Properties|null|undefined} head
         * @memberof ingot.JournalStart
         * @instance
         */
        JournalStart.prototype.head = null;

        /**
         * Encodes the specified JournalStart message. Does not implicitly {@link ingot.JournalStart.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalStart
         * @static
         * @param {ingot.JournalStart.$Properties} message JournalStart message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalStart.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.head != null && $Object.hasOwnProperty.call(message, "head"))
                $root.ingot.Head.encode(message.head, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalStart message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalStart
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalStart & ingot.JournalStart.$Shape} JournalStart
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalStart.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalStart();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.head = $root.ingot.Head.decode(reader, reader.size(), $undefined, _depth + 1, message.head);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalStart;
    })();

    /**
     * JournalRefusalCode enum.
     * @name ingot.JournalRefusalCode
     * @enum {number}
     * @property {number} JOURNAL_REFUSAL_UNSPECIFIED=0 JOURNAL_REFUSAL_UNSPECIFIED value
     * @property {number} JOURNAL_REFUSAL_CURSOR_UNKNOWN=1 JOURNAL_REFUSAL_CURSOR_UNKNOWN value
     * @property {number} JOURNAL_REFUSAL_BUSY=2 JOURNAL_REFUSAL_BUSY value
     * @property {number} JOURNAL_REFUSAL_INVALID=3 JOURNAL_REFUSAL_INVALID value
     */
    ingot.JournalRefusalCode = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "JOURNAL_REFUSAL_UNSPECIFIED"] = 0;
        values[valuesById[1] = "JOURNAL_REFUSAL_CURSOR_UNKNOWN"] = 1;
        values[valuesById[2] = "JOURNAL_REFUSAL_BUSY"] = 2;
        values[valuesById[3] = "JOURNAL_REFUSAL_INVALID"] = 3;
        return values;
    })();

    ingot.JournalRefusal = (function() {

        /**
         * Properties of a JournalRefusal.
         * @typedef {Object} ingot.JournalRefusal.$Properties
         * @property {ingot.JournalRefusalCode|null} [code] JournalRefusal code
         * @property {ingot.Head.$Properties|null} [head] JournalRefusal head
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalRefusal.
         * @memberof ingot
         * @interface IJournalRefusal
         * @augments ingot.JournalRefusal.$Properties
         * @deprecated Use ingot.JournalRefusal.$Properties instead.
         */

        /**
         * Shape of a JournalRefusal.
         * @typedef {ingot.JournalRefusal.$Properties} ingot.JournalRefusal.$Shape
         */

        /**
         * Constructs a new JournalRefusal.
         * @memberof ingot
         * @classdesc Represents a JournalRefusal.
         * @constructor
         * @param {ingot.JournalRefusal.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalRefusal = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalRefusal code.
         * @member {ingot.JournalRefusalCode} code
         * @memberof ingot.JournalRefusal
         * @instance
         */
        JournalRefusal.prototype.code = 0;

        /**
         * JournalRefusal head.
         * @member {ingot.Head.$Properties|null|undefined} head
         * @memberof ingot.JournalRefusal
         * @instance
         */
        JournalRefusal.prototype.head = null;

        /**
         * Encodes the specified JournalRefusal message. Does not implicitly {@link ingot.JournalRefusal.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalRefusal
         * @static
         * @param {ingot.JournalRefusal.$Properties} message JournalRefusal message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalRefusal.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.code);
            if (message.head != null && $Object.hasOwnProperty.call(message, "head"))
                $root.ingot.Head.encode(message.head, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalRefusal message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalRefusal
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalRefusal & ingot.JournalRefusal.$Shape} JournalRefusal
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalRefusal.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalRefusal();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.head = $root.ingot.Head.decode(reader, reader.size(), $undefined, _depth + 1, message.head);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalRefusal;
    })();

    ingot.JournalAnswer = (function() {

        /**
         * Properties of a JournalAnswer.
         * @typedef {Object} ingot.JournalAnswer.$Properties
         * @property {ingot.JournalStart.$Properties|null} [start] JournalAnswer start
         * @property {ingot.JournalEntry.$Properties|null} [entry] JournalAnswer entry
         * @property {ingot.JournalRefusal.$Properties|null} [refusal] JournalAnswer refusal
         * @property {"start"|"entry"|"refusal"} [answer] JournalAnswer answer
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a JournalAnswer.
         * @memberof ingot
         * @interface IJournalAnswer
         * @augments ingot.JournalAnswer.$Properties
         * @deprecated Use ingot.JournalAnswer.$Properties instead.
         */

        /**
         * Narrowed shape of a JournalAnswer.
         * @typedef {{
         *   start?: ingot.JournalStart.$Shape|null;
         *   entry?: ingot.JournalEntry.$Shape|null;
         *   refusal?: ingot.JournalRefusal.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ answer?: undefined; start?: null; entry?: null; refusal?: null }|{ answer?: "start"; start: ingot.JournalStart.$Shape; entry?: null; refusal?: null }|{ answer?: "entry"; start?: null; entry: ingot.JournalEntry.$Shape; refusal?: null }|{ answer?: "refusal"; start?: null; entry?: null; refusal: ingot.JournalRefusal.$Shape })
         * )} ingot.JournalAnswer.$Shape
         */

        /**
         * Constructs a new JournalAnswer.
         * @memberof ingot
         * @classdesc Represents a JournalAnswer.
         * @constructor
         * @param {ingot.JournalAnswer.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const JournalAnswer = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * JournalAnswer start.
         * @member {ingot.JournalStart.$Properties|null|undefined} start
         * @memberof ingot.JournalAnswer
         * @instance
         */
        JournalAnswer.prototype.start = null;

        /**
         * JournalAnswer entry.
         * @member {ingot.JournalEntry.$Properties|null|undefined} entry
         * @memberof ingot.JournalAnswer
         * @instance
         */
        JournalAnswer.prototype.entry = null;

        /**
         * JournalAnswer refusal.
         * @member {ingot.JournalRefusal.$Properties|null|undefined} refusal
         * @memberof ingot.JournalAnswer
         * @instance
         */
        JournalAnswer.prototype.refusal = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * JournalAnswer answer.
         * @member {"start"|"entry"|"refusal"|undefined} answer
         * @memberof ingot.JournalAnswer
         * @instance
         */
        $Object.defineProperty(JournalAnswer.prototype, "answer", {
            get: $util.oneOfGetter($oneOfFields = ["start", "entry", "refusal"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified JournalAnswer message. Does not implicitly {@link ingot.JournalAnswer.verify|verify} messages.
         * @function encode
         * @memberof ingot.JournalAnswer
         * @static
         * @param {ingot.JournalAnswer.$Properties} message JournalAnswer message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        JournalAnswer.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.start != null && $Object.hasOwnProperty.call(message, "start"))
                $root.ingot.JournalStart.encode(message.start, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.entry != null && $Object.hasOwnProperty.call(message, "entry"))
                $root.ingot.JournalEntry.encode(message.entry, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal"))
                $root.ingot.JournalRefusal.encode(message.refusal, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a JournalAnswer message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.JournalAnswer
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.JournalAnswer & ingot.JournalAnswer.$Shape} JournalAnswer
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        JournalAnswer.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.JournalAnswer();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.start = $root.ingot.JournalStart.decode(reader, reader.size(), $undefined, _depth + 1, message.start);
                        message.answer = "start";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.entry = $root.ingot.JournalEntry.decode(reader, reader.size(), $undefined, _depth + 1, message.entry);
                        message.answer = "entry";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.refusal = $root.ingot.JournalRefusal.decode(reader, reader.size(), $undefined, _depth + 1, message.refusal);
                        message.answer = "refusal";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return JournalAnswer;
    })();

    /**
     * Kind enum.
     * @name ingot.Kind
     * @enum {number}
     * @property {number} KIND_UNSPECIFIED=0 KIND_UNSPECIFIED value
     * @property {number} KIND_FILE=1 KIND_FILE value
     * @property {number} KIND_TREE=2 KIND_TREE value
     */
    ingot.Kind = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "KIND_UNSPECIFIED"] = 0;
        values[valuesById[1] = "KIND_FILE"] = 1;
        values[valuesById[2] = "KIND_TREE"] = 2;
        return values;
    })();

    ingot.Label = (function() {

        /**
         * Properties of a Label.
         * @typedef {Object} ingot.Label.$Properties
         * @property {string|null} [key] Label key
         * @property {string|null} [value] Label value
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Label.
         * @memberof ingot
         * @interface ILabel
         * @augments ingot.Label.$Properties
         * @deprecated Use ingot.Label.$Properties instead.
         */

        /**
         * Shape of a Label.
         * @typedef {ingot.Label.$Properties} ingot.Label.$Shape
         */

        /**
         * Constructs a new Label.
         * @memberof ingot
         * @classdesc Represents a Label.
         * @constructor
         * @param {ingot.Label.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Label = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Label key.
         * @member {string} key
         * @memberof ingot.Label
         * @instance
         */
        Label.prototype.key = "";

        /**
         * Label value.
         * @member {string} value
         * @memberof ingot.Label
         * @instance
         */
        Label.prototype.value = "";

        /**
         * Encodes the specified Label message. Does not implicitly {@link ingot.Label.verify|verify} messages.
         * @function encode
         * @memberof ingot.Label
         * @static
         * @param {ingot.Label.$Properties} message Label message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Label.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.key);
            if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.value);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Label message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Label
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Label & ingot.Label.$Shape} Label
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Label.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Label();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.key = value;
                        else
                            delete message.key;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.value = value;
                        else
                            delete message.value;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Label;
    })();

    ingot.Manifest = (function() {

        /**
         * Properties of a Manifest.
         * @typedef {Object} ingot.Manifest.$Properties
         * @property {number|null} [version] Manifest version
         * @property {string|null} [origin] Manifest origin
         * @property {string|null} [name] Manifest name
         * @property {string|null} [imageType] Manifest imageType
         * @property {string|null} [baseType] Manifest baseType
         * @property {string|null} [imageVersion] Manifest imageVersion
         * @property {string|null} [description] Manifest description
         * @property {Array.<ingot.Label.$Properties>|null} [labels] Manifest labels
         * @property {ingot.Kind|null} [kind] Manifest kind
         * @property {number|null} [size] Manifest size
         * @property {Uint8Array|null} [content] Manifest content
         * @property {Uint8Array|null} [sha256] Manifest sha256
         * @property {Array.<Uint8Array>|null} [ancestors] Manifest ancestors
         * @property {number|null} [createdAt] Manifest createdAt
         * @property {number|null} [entries] Manifest entries
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Manifest.
         * @memberof ingot
         * @interface IManifest
         * @augments ingot.Manifest.$Properties
         * @deprecated Use ingot.Manifest.$Properties instead.
         */

        /**
         * Shape of a Manifest.
         * @typedef {ingot.Manifest.$Properties} ingot.Manifest.$Shape
         */

        /**
         * Constructs a new Manifest.
         * @memberof ingot
         * @classdesc Represents a Manifest.
         * @constructor
         * @param {ingot.Manifest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Manifest = function (properties) {
            this.labels = [];
            this.ancestors = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Manifest version.
         * @member {number} version
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.version = 0;

        /**
         * Manifest origin.
         * @member {string} origin
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.origin = "";

        /**
         * Manifest name.
         * @member {string} name
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.name = "";

        /**
         * Manifest imageType.
         * @member {string} imageType
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.imageType = "";

        /**
         * Manifest baseType.
         * @member {string} baseType
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.baseType = "";

        /**
         * Manifest imageVersion.
         * @member {string} imageVersion
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.imageVersion = "";

        /**
         * Manifest description.
         * @member {string} description
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.description = "";

        /**
         * Manifest labels.
         * @member {Array.<ingot.Label.$Properties>} labels
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.labels = $util.emptyArray;

        /**
         * Manifest kind.
         * @member {ingot.Kind} kind
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.kind = 0;

        /**
         * Manifest size.
         * @member {number} size
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.size = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Manifest content.
         * @member {Uint8Array} content
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.content = $util.newBuffer([]);

        /**
         * Manifest sha256.
         * @member {Uint8Array} sha256
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.sha256 = $util.newBuffer([]);

        /**
         * Manifest ancestors.
         * @member {Array.<Uint8Array>} ancestors
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.ancestors = $util.emptyArray;

        /**
         * Manifest createdAt.
         * @member {number} createdAt
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Manifest entries.
         * @member {number} entries
         * @memberof ingot.Manifest
         * @instance
         */
        Manifest.prototype.entries = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified Manifest message. Does not implicitly {@link ingot.Manifest.verify|verify} messages.
         * @function encode
         * @memberof ingot.Manifest
         * @static
         * @param {ingot.Manifest.$Properties} message Manifest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Manifest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
            if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.origin);
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.name);
            if (message.imageType != null && $Object.hasOwnProperty.call(message, "imageType") && message.imageType !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.imageType);
            if (message.baseType != null && $Object.hasOwnProperty.call(message, "baseType") && message.baseType !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.baseType);
            if (message.imageVersion != null && $Object.hasOwnProperty.call(message, "imageVersion") && message.imageVersion !== "")
                writer.uint32(/* id 6, wireType 2 =*/50).string(message.imageVersion);
            if (message.description != null && $Object.hasOwnProperty.call(message, "description") && message.description !== "")
                writer.uint32(/* id 7, wireType 2 =*/58).string(message.description);
            if (message.labels != null && message.labels.length)
                for (let i = 0; i < message.labels.length; ++i)
                    $root.ingot.Label.encode(message.labels[i], writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                writer.uint32(/* id 9, wireType 0 =*/72).int32(message.kind);
            if (message.size != null && $Object.hasOwnProperty.call(message, "size") && (typeof message.size === "object" ? message.size.low || message.size.high : message.size !== 0))
                writer.uint32(/* id 10, wireType 0 =*/80).uint64(message.size);
            if (message.content != null && $Object.hasOwnProperty.call(message, "content") && message.content.length)
                writer.uint32(/* id 11, wireType 2 =*/90).bytes(message.content);
            if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
                writer.uint32(/* id 12, wireType 2 =*/98).bytes(message.sha256);
            if (message.ancestors != null && message.ancestors.length)
                for (let i = 0; i < message.ancestors.length; ++i)
                    writer.uint32(/* id 13, wireType 2 =*/106).bytes(message.ancestors[i]);
            if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt") && (typeof message.createdAt === "object" ? message.createdAt.low || message.createdAt.high : message.createdAt !== 0))
                writer.uint32(/* id 14, wireType 0 =*/112).uint64(message.createdAt);
            if (message.entries != null && $Object.hasOwnProperty.call(message, "entries") && (typeof message.entries === "object" ? message.entries.low || message.entries.high : message.entries !== 0))
                writer.uint32(/* id 15, wireType 0 =*/120).uint64(message.entries);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Manifest message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Manifest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Manifest & ingot.Manifest.$Shape} Manifest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Manifest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Manifest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.version = value;
                        else
                            delete message.version;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.origin = value;
                        else
                            delete message.origin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.imageType = value;
                        else
                            delete message.imageType;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.baseType = value;
                        else
                            delete message.baseType;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.imageVersion = value;
                        else
                            delete message.imageVersion;
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.description = value;
                        else
                            delete message.description;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if (!(message.labels && message.labels.length))
                            message.labels = [];
                        message.labels.push($root.ingot.Label.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.kind = value;
                        else
                            delete message.kind;
                        continue;
                    }
                case 10: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.size = value;
                        else
                            delete message.size;
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.content = value;
                        else
                            delete message.content;
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.sha256 = value;
                        else
                            delete message.sha256;
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        if (!(message.ancestors && message.ancestors.length))
                            message.ancestors = [];
                        message.ancestors.push(reader.bytes());
                        continue;
                    }
                case 14: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.createdAt = value;
                        else
                            delete message.createdAt;
                        continue;
                    }
                case 15: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.entries = value;
                        else
                            delete message.entries;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Manifest;
    })();

    ingot.SignedManifest = (function() {

        /**
         * Properties of a SignedManifest.
         * @typedef {Object} ingot.SignedManifest.$Properties
         * @property {Uint8Array|null} [manifest] SignedManifest manifest
         * @property {Uint8Array|null} [signature] SignedManifest signature
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SignedManifest.
         * @memberof ingot
         * @interface ISignedManifest
         * @augments ingot.SignedManifest.$Properties
         * @deprecated Use ingot.SignedManifest.$Properties instead.
         */

        /**
         * Shape of a SignedManifest.
         * @typedef {ingot.SignedManifest.$Properties} ingot.SignedManifest.$Shape
         */

        /**
         * Constructs a new SignedManifest.
         * @memberof ingot
         * @classdesc Represents a SignedManifest.
         * @constructor
         * @param {ingot.SignedManifest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SignedManifest = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SignedManifest manifest.
         * @member {Uint8Array} manifest
         * @memberof ingot.SignedManifest
         * @instance
         */
        SignedManifest.prototype.manifest = $util.newBuffer([]);

        /**
         * SignedManifest signature.
         * @member {Uint8Array} signature
         * @memberof ingot.SignedManifest
         * @instance
         */
        SignedManifest.prototype.signature = $util.newBuffer([]);

        /**
         * Encodes the specified SignedManifest message. Does not implicitly {@link ingot.SignedManifest.verify|verify} messages.
         * @function encode
         * @memberof ingot.SignedManifest
         * @static
         * @param {ingot.SignedManifest.$Properties} message SignedManifest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SignedManifest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.manifest != null && $Object.hasOwnProperty.call(message, "manifest") && message.manifest.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.manifest);
            if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SignedManifest message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SignedManifest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SignedManifest & ingot.SignedManifest.$Shape} SignedManifest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SignedManifest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SignedManifest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.manifest = value;
                        else
                            delete message.manifest;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.signature = value;
                        else
                            delete message.signature;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SignedManifest;
    })();

    /**
     * ReceiptState enum.
     * @name ingot.ReceiptState
     * @enum {number}
     * @property {number} RECEIPT_UNSPECIFIED=0 RECEIPT_UNSPECIFIED value
     * @property {number} RECEIPT_WANTED=1 RECEIPT_WANTED value
     * @property {number} RECEIPT_FETCHING=2 RECEIPT_FETCHING value
     * @property {number} RECEIPT_ENABLED=3 RECEIPT_ENABLED value
     * @property {number} RECEIPT_REFUSED=4 RECEIPT_REFUSED value
     * @property {number} RECEIPT_DELETED=5 RECEIPT_DELETED value
     */
    ingot.ReceiptState = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "RECEIPT_UNSPECIFIED"] = 0;
        values[valuesById[1] = "RECEIPT_WANTED"] = 1;
        values[valuesById[2] = "RECEIPT_FETCHING"] = 2;
        values[valuesById[3] = "RECEIPT_ENABLED"] = 3;
        values[valuesById[4] = "RECEIPT_REFUSED"] = 4;
        values[valuesById[5] = "RECEIPT_DELETED"] = 5;
        return values;
    })();

    ingot.Receipt = (function() {

        /**
         * Properties of a Receipt.
         * @typedef {Object} ingot.Receipt.$Properties
         * @property {Uint8Array|null} [image] Receipt image
         * @property {ingot.ReceiptState|null} [state] Receipt state
         * @property {string|null} [reason] Receipt reason
         * @property {number|null} [time] Receipt time
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Receipt.
         * @memberof ingot
         * @interface IReceipt
         * @augments ingot.Receipt.$Properties
         * @deprecated Use ingot.Receipt.$Properties instead.
         */

        /**
         * Shape of a Receipt.
         * @typedef {ingot.Receipt.$Properties} ingot.Receipt.$Shape
         */

        /**
         * Constructs a new Receipt.
         * @memberof ingot
         * @classdesc Represents a Receipt.
         * @constructor
         * @param {ingot.Receipt.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Receipt = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Receipt image.
         * @member {Uint8Array} image
         * @memberof ingot.Receipt
         * @instance
         */
        Receipt.prototype.image = $util.newBuffer([]);

        /**
         * Receipt state.
         * @member {ingot.ReceiptState} state
         * @memberof ingot.Receipt
         * @instance
         */
        Receipt.prototype.state = 0;

        /**
         * Receipt reason.
         * @member {string} reason
         * @memberof ingot.Receipt
         * @instance
         */
        Receipt.prototype.reason = "";

        /**
         * Receipt time.
         * @member {number} time
         * @memberof ingot.Receipt
         * @instance
         */
        Receipt.prototype.time = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified Receipt message. Does not implicitly {@link ingot.Receipt.verify|verify} messages.
         * @function encode
         * @memberof ingot.Receipt
         * @static
         * @param {ingot.Receipt.$Properties} message Receipt message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Receipt.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.image);
            if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).int32(message.state);
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.reason);
            if (message.time != null && $Object.hasOwnProperty.call(message, "time") && (typeof message.time === "object" ? message.time.low || message.time.high : message.time !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.time);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Receipt message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Receipt
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Receipt & ingot.Receipt.$Shape} Receipt
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Receipt.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Receipt();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.image = value;
                        else
                            delete message.image;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.state = value;
                        else
                            delete message.state;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.time = value;
                        else
                            delete message.time;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Receipt;
    })();

    ingot.ReceiptAck = (function() {

        /**
         * Properties of a ReceiptAck.
         * @typedef {Object} ingot.ReceiptAck.$Properties
         * @property {boolean|null} [accepted] ReceiptAck accepted
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ReceiptAck.
         * @memberof ingot
         * @interface IReceiptAck
         * @augments ingot.ReceiptAck.$Properties
         * @deprecated Use ingot.ReceiptAck.$Properties instead.
         */

        /**
         * Shape of a ReceiptAck.
         * @typedef {ingot.ReceiptAck.$Properties} ingot.ReceiptAck.$Shape
         */

        /**
         * Constructs a new ReceiptAck.
         * @memberof ingot
         * @classdesc Represents a ReceiptAck.
         * @constructor
         * @param {ingot.ReceiptAck.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ReceiptAck = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ReceiptAck accepted.
         * @member {boolean} accepted
         * @memberof ingot.ReceiptAck
         * @instance
         */
        ReceiptAck.prototype.accepted = false;

        /**
         * Encodes the specified ReceiptAck message. Does not implicitly {@link ingot.ReceiptAck.verify|verify} messages.
         * @function encode
         * @memberof ingot.ReceiptAck
         * @static
         * @param {ingot.ReceiptAck.$Properties} message ReceiptAck message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ReceiptAck.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.accepted != null && $Object.hasOwnProperty.call(message, "accepted") && message.accepted !== false)
                writer.uint32(/* id 1, wireType 0 =*/8).bool(message.accepted);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ReceiptAck message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.ReceiptAck
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.ReceiptAck & ingot.ReceiptAck.$Shape} ReceiptAck
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ReceiptAck.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.ReceiptAck();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.accepted = value;
                        else
                            delete message.accepted;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ReceiptAck;
    })();

    ingot.ServerData = (function() {

        /**
         * Properties of a ServerData.
         * @typedef {Object} ingot.ServerData.$Properties
         * @property {number|null} [version] ServerData version
         * @property {string|null} [name] ServerData name
         * @property {string|null} [peerId] ServerData peerId
         * @property {Array.<string>|null} [addresses] ServerData addresses
         * @property {number|null} [createdAt] ServerData createdAt
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ServerData.
         * @memberof ingot
         * @interface IServerData
         * @augments ingot.ServerData.$Properties
         * @deprecated Use ingot.ServerData.$Properties instead.
         */

        /**
         * Shape of a ServerData.
         * @typedef {ingot.ServerData.$Properties} ingot.ServerData.$Shape
         */

        /**
         * Constructs a new ServerData.
         * @memberof ingot
         * @classdesc Represents a ServerData.
         * @constructor
         * @param {ingot.ServerData.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ServerData = function (properties) {
            this.addresses = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ServerData version.
         * @member {number} version
         * @memberof ingot.ServerData
         * @instance
         */
        ServerData.prototype.version = 0;

        /**
         * ServerData name.
         * @member {string} name
         * @memberof ingot.ServerData
         * @instance
         */
        ServerData.prototype.name = "";

        /**
         * ServerData peerId.
         * @member {string} peerId
         * @memberof ingot.ServerData
         * @instance
         */
        ServerData.prototype.peerId = "";

        /**
         * ServerData addresses.
         * @member {Array.<string>} addresses
         * @memberof ingot.ServerData
         * @instance
         */
        ServerData.prototype.addresses = $util.emptyArray;

        /**
         * ServerData createdAt.
         * @member {number} createdAt
         * @memberof ingot.ServerData
         * @instance
         */
        ServerData.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified ServerData message. Does not implicitly {@link ingot.ServerData.verify|verify} messages.
         * @function encode
         * @memberof ingot.ServerData
         * @static
         * @param {ingot.ServerData.$Properties} message ServerData message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ServerData.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.name);
            if (message.peerId != null && $Object.hasOwnProperty.call(message, "peerId") && message.peerId !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.peerId);
            if (message.addresses != null && message.addresses.length)
                for (let i = 0; i < message.addresses.length; ++i)
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.addresses[i]);
            if (message.createdAt != null && $Object.hasOwnProperty.call(message, "createdAt") && (typeof message.createdAt === "object" ? message.createdAt.low || message.createdAt.high : message.createdAt !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.createdAt);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ServerData message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.ServerData
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.ServerData & ingot.ServerData.$Shape} ServerData
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ServerData.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.ServerData();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.version = value;
                        else
                            delete message.version;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.peerId = value;
                        else
                            delete message.peerId;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.addresses && message.addresses.length))
                            message.addresses = [];
                        message.addresses.push(reader.stringVerify());
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.createdAt = value;
                        else
                            delete message.createdAt;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ServerData;
    })();

    ingot.SignedServerData = (function() {

        /**
         * Properties of a SignedServerData.
         * @typedef {Object} ingot.SignedServerData.$Properties
         * @property {Uint8Array|null} [serverData] SignedServerData serverData
         * @property {Uint8Array|null} [signature] SignedServerData signature
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SignedServerData.
         * @memberof ingot
         * @interface ISignedServerData
         * @augments ingot.SignedServerData.$Properties
         * @deprecated Use ingot.SignedServerData.$Properties instead.
         */

        /**
         * Shape of a SignedServerData.
         * @typedef {ingot.SignedServerData.$Properties} ingot.SignedServerData.$Shape
         */

        /**
         * Constructs a new SignedServerData.
         * @memberof ingot
         * @classdesc Represents a SignedServerData.
         * @constructor
         * @param {ingot.SignedServerData.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SignedServerData = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SignedServerData serverData.
         * @member {Uint8Array} serverData
         * @memberof ingot.SignedServerData
         * @instance
         */
        SignedServerData.prototype.serverData = $util.newBuffer([]);

        /**
         * SignedServerData signature.
         * @member {Uint8Array} signature
         * @memberof ingot.SignedServerData
         * @instance
         */
        SignedServerData.prototype.signature = $util.newBuffer([]);

        /**
         * Encodes the specified SignedServerData message. Does not implicitly {@link ingot.SignedServerData.verify|verify} messages.
         * @function encode
         * @memberof ingot.SignedServerData
         * @static
         * @param {ingot.SignedServerData.$Properties} message SignedServerData message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SignedServerData.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.serverData != null && $Object.hasOwnProperty.call(message, "serverData") && message.serverData.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.serverData);
            if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SignedServerData message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SignedServerData
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SignedServerData & ingot.SignedServerData.$Shape} SignedServerData
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SignedServerData.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SignedServerData();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.serverData = value;
                        else
                            delete message.serverData;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.signature = value;
                        else
                            delete message.signature;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SignedServerData;
    })();

    ingot.SubscribedAll = (function() {

        /**
         * Properties of a SubscribedAll.
         * @typedef {Object} ingot.SubscribedAll.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SubscribedAll.
         * @memberof ingot
         * @interface ISubscribedAll
         * @augments ingot.SubscribedAll.$Properties
         * @deprecated Use ingot.SubscribedAll.$Properties instead.
         */

        /**
         * Shape of a SubscribedAll.
         * @typedef {ingot.SubscribedAll.$Properties} ingot.SubscribedAll.$Shape
         */

        /**
         * Constructs a new SubscribedAll.
         * @memberof ingot
         * @classdesc Represents a SubscribedAll.
         * @constructor
         * @param {ingot.SubscribedAll.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SubscribedAll = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified SubscribedAll message. Does not implicitly {@link ingot.SubscribedAll.verify|verify} messages.
         * @function encode
         * @memberof ingot.SubscribedAll
         * @static
         * @param {ingot.SubscribedAll.$Properties} message SubscribedAll message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SubscribedAll.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SubscribedAll message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SubscribedAll
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SubscribedAll & ingot.SubscribedAll.$Shape} SubscribedAll
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SubscribedAll.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SubscribedAll();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SubscribedAll;
    })();

    ingot.Selector = (function() {

        /**
         * Properties of a Selector.
         * @typedef {Object} ingot.Selector.$Properties
         * @property {ingot.SubscribedAll.$Properties|null} [all] Selector all
         * @property {Uint8Array|null} [image] Selector image
         * @property {string|null} [series] Selector series
         * @property {string|null} [imageType] Selector imageType
         * @property {"all"|"image"|"series"|"imageType"} [selector] Selector selector
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Selector.
         * @memberof ingot
         * @interface ISelector
         * @augments ingot.Selector.$Properties
         * @deprecated Use ingot.Selector.$Properties instead.
         */

        /**
         * Narrowed shape of a Selector.
         * @typedef {{
         *   all?: ingot.SubscribedAll.$Shape|null;
         *   image?: Uint8Array|null;
         *   series?: string|null;
         *   imageType?: string|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ selector?: undefined; all?: null; image?: null; series?: null; imageType?: null }|{ selector?: "all"; all: ingot.SubscribedAll.$Shape; image?: null; series?: null; imageType?: null }|{ selector?: "image"; all?: null; image: Uint8Array; series?: null; imageType?: null }|{ selector?: "series"; all?: null; image?: null; series: string; imageType?: null }|{ selector?: "imageType"; all?: null; image?: null; series?: null; imageType: string })
         * )} ingot.Selector.$Shape
         */

        /**
         * Constructs a new Selector.
         * @memberof ingot
         * @classdesc Represents a Selector.
         * @constructor
         * @param {ingot.Selector.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Selector = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Selector all.
         * @member {ingot.SubscribedAll.$Properties|null|undefined} all
         * @memberof ingot.Selector
         * @instance
         */
        Selector.prototype.all = null;

        /**
         * Selector image.
         * @member {Uint8Array|null|undefined} image
         * @memberof ingot.Selector
         * @instance
         */
        Selector.prototype.image = null;

        /**
         * Selector series.
         * @member {string|null|undefined} series
         * @memberof ingot.Selector
         * @instance
         */
        Selector.prototype.series = null;

        /**
         * Selector imageType.
         * @member {string|null|undefined} imageType
         * @memberof ingot.Selector
         * @instance
         */
        Selector.prototype.imageType = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * Selector selector.
         * @member {"all"|"image"|"series"|"imageType"|undefined} selector
         * @memberof ingot.Selector
         * @instance
         */
        $Object.defineProperty(Selector.prototype, "selector", {
            get: $util.oneOfGetter($oneOfFields = ["all", "image", "series", "imageType"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified Selector message. Does not implicitly {@link ingot.Selector.verify|verify} messages.
         * @function encode
         * @memberof ingot.Selector
         * @static
         * @param {ingot.Selector.$Properties} message Selector message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Selector.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.all != null && $Object.hasOwnProperty.call(message, "all"))
                $root.ingot.SubscribedAll.encode(message.all, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.image != null && $Object.hasOwnProperty.call(message, "image"))
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.image);
            if (message.series != null && $Object.hasOwnProperty.call(message, "series"))
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.series);
            if (message.imageType != null && $Object.hasOwnProperty.call(message, "imageType"))
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.imageType);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Selector message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Selector
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Selector & ingot.Selector.$Shape} Selector
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Selector.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Selector();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.all = $root.ingot.SubscribedAll.decode(reader, reader.size(), $undefined, _depth + 1, message.all);
                        message.selector = "all";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.image = reader.bytes();
                        message.selector = "image";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.series = reader.stringVerify();
                        message.selector = "series";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.imageType = reader.stringVerify();
                        message.selector = "imageType";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Selector;
    })();

    ingot.Subscriptions = (function() {

        /**
         * Properties of a Subscriptions.
         * @typedef {Object} ingot.Subscriptions.$Properties
         * @property {Array.<ingot.Selector.$Properties>|null} [selectors] Subscriptions selectors
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Subscriptions.
         * @memberof ingot
         * @interface ISubscriptions
         * @augments ingot.Subscriptions.$Properties
         * @deprecated Use ingot.Subscriptions.$Properties instead.
         */

        /**
         * Shape of a Subscriptions.
         * @typedef {{
         *   selectors?: Array.<ingot.Selector.$Shape>|null;
         *   $unknowns?: Array.<Uint8Array>;
         * }} ingot.Subscriptions.$Shape
         */

        /**
         * Constructs a new Subscriptions.
         * @memberof ingot
         * @classdesc Represents a Subscriptions.
         * @constructor
         * @param {ingot.Subscriptions.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Subscriptions = function (properties) {
            this.selectors = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Subscriptions selectors.
         * @member {Array.<ingot.Selector.$Properties>} selectors
         * @memberof ingot.Subscriptions
         * @instance
         */
        Subscriptions.prototype.selectors = $util.emptyArray;

        /**
         * Encodes the specified Subscriptions message. Does not implicitly {@link ingot.Subscriptions.verify|verify} messages.
         * @function encode
         * @memberof ingot.Subscriptions
         * @static
         * @param {ingot.Subscriptions.$Properties} message Subscriptions message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Subscriptions.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.selectors != null && message.selectors.length)
                for (let i = 0; i < message.selectors.length; ++i)
                    $root.ingot.Selector.encode(message.selectors[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Subscriptions message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.Subscriptions
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.Subscriptions & ingot.Subscriptions.$Shape} Subscriptions
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Subscriptions.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.Subscriptions();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.selectors && message.selectors.length))
                            message.selectors = [];
                        message.selectors.push($root.ingot.Selector.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Subscriptions;
    })();

    ingot.SubscriptionsAck = (function() {

        /**
         * Properties of a SubscriptionsAck.
         * @typedef {Object} ingot.SubscriptionsAck.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SubscriptionsAck.
         * @memberof ingot
         * @interface ISubscriptionsAck
         * @augments ingot.SubscriptionsAck.$Properties
         * @deprecated Use ingot.SubscriptionsAck.$Properties instead.
         */

        /**
         * Shape of a SubscriptionsAck.
         * @typedef {ingot.SubscriptionsAck.$Properties} ingot.SubscriptionsAck.$Shape
         */

        /**
         * Constructs a new SubscriptionsAck.
         * @memberof ingot
         * @classdesc Represents a SubscriptionsAck.
         * @constructor
         * @param {ingot.SubscriptionsAck.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SubscriptionsAck = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified SubscriptionsAck message. Does not implicitly {@link ingot.SubscriptionsAck.verify|verify} messages.
         * @function encode
         * @memberof ingot.SubscriptionsAck
         * @static
         * @param {ingot.SubscriptionsAck.$Properties} message SubscriptionsAck message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SubscriptionsAck.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SubscriptionsAck message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.SubscriptionsAck
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.SubscriptionsAck & ingot.SubscriptionsAck.$Shape} SubscriptionsAck
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SubscriptionsAck.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.SubscriptionsAck();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SubscriptionsAck;
    })();

    /**
     * TreeKind enum.
     * @name ingot.TreeKind
     * @enum {number}
     * @property {number} TREE_KIND_UNSPECIFIED=0 TREE_KIND_UNSPECIFIED value
     * @property {number} TREE_KIND_DIRECTORY=1 TREE_KIND_DIRECTORY value
     * @property {number} TREE_KIND_FILE=2 TREE_KIND_FILE value
     * @property {number} TREE_KIND_SYMLINK=3 TREE_KIND_SYMLINK value
     * @property {number} TREE_KIND_HARDLINK=4 TREE_KIND_HARDLINK value
     */
    ingot.TreeKind = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "TREE_KIND_UNSPECIFIED"] = 0;
        values[valuesById[1] = "TREE_KIND_DIRECTORY"] = 1;
        values[valuesById[2] = "TREE_KIND_FILE"] = 2;
        values[valuesById[3] = "TREE_KIND_SYMLINK"] = 3;
        values[valuesById[4] = "TREE_KIND_HARDLINK"] = 4;
        return values;
    })();

    ingot.TreeOwner = (function() {

        /**
         * Properties of a TreeOwner.
         * @typedef {Object} ingot.TreeOwner.$Properties
         * @property {number|null} [uid] TreeOwner uid
         * @property {number|null} [gid] TreeOwner gid
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a TreeOwner.
         * @memberof ingot
         * @interface ITreeOwner
         * @augments ingot.TreeOwner.$Properties
         * @deprecated Use ingot.TreeOwner.$Properties instead.
         */

        /**
         * Shape of a TreeOwner.
         * @typedef {ingot.TreeOwner.$Properties} ingot.TreeOwner.$Shape
         */

        /**
         * Constructs a new TreeOwner.
         * @memberof ingot
         * @classdesc Represents a TreeOwner.
         * @constructor
         * @param {ingot.TreeOwner.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const TreeOwner = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * TreeOwner uid.
         * @member {number} uid
         * @memberof ingot.TreeOwner
         * @instance
         */
        TreeOwner.prototype.uid = 0;

        /**
         * TreeOwner gid.
         * @member {number} gid
         * @memberof ingot.TreeOwner
         * @instance
         */
        TreeOwner.prototype.gid = 0;

        /**
         * Encodes the specified TreeOwner message. Does not implicitly {@link ingot.TreeOwner.verify|verify} messages.
         * @function encode
         * @memberof ingot.TreeOwner
         * @static
         * @param {ingot.TreeOwner.$Properties} message TreeOwner message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        TreeOwner.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.uid != null && $Object.hasOwnProperty.call(message, "uid") && message.uid !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.uid);
            if (message.gid != null && $Object.hasOwnProperty.call(message, "gid") && message.gid !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.gid);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a TreeOwner message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.TreeOwner
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.TreeOwner & ingot.TreeOwner.$Shape} TreeOwner
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        TreeOwner.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.TreeOwner();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.uid = value;
                        else
                            delete message.uid;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.gid = value;
                        else
                            delete message.gid;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return TreeOwner;
    })();

    ingot.TreeXattr = (function() {

        /**
         * Properties of a TreeXattr.
         * @typedef {Object} ingot.TreeXattr.$Properties
         * @property {Uint8Array|null} [name] TreeXattr name
         * @property {Uint8Array|null} [value] TreeXattr value
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a TreeXattr.
         * @memberof ingot
         * @interface ITreeXattr
         * @augments ingot.TreeXattr.$Properties
         * @deprecated Use ingot.TreeXattr.$Properties instead.
         */

        /**
         * Shape of a TreeXattr.
         * @typedef {ingot.TreeXattr.$Properties} ingot.TreeXattr.$Shape
         */

        /**
         * Constructs a new TreeXattr.
         * @memberof ingot
         * @classdesc Represents a TreeXattr.
         * @constructor
         * @param {ingot.TreeXattr.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const TreeXattr = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * TreeXattr name.
         * @member {Uint8Array} name
         * @memberof ingot.TreeXattr
         * @instance
         */
        TreeXattr.prototype.name = $util.newBuffer([]);

        /**
         * TreeXattr value.
         * @member {Uint8Array} value
         * @memberof ingot.TreeXattr
         * @instance
         */
        TreeXattr.prototype.value = $util.newBuffer([]);

        /**
         * Encodes the specified TreeXattr message. Does not implicitly {@link ingot.TreeXattr.verify|verify} messages.
         * @function encode
         * @memberof ingot.TreeXattr
         * @static
         * @param {ingot.TreeXattr.$Properties} message TreeXattr message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        TreeXattr.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.name);
            if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.value);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a TreeXattr message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.TreeXattr
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.TreeXattr & ingot.TreeXattr.$Shape} TreeXattr
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        TreeXattr.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.TreeXattr();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.value = value;
                        else
                            delete message.value;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return TreeXattr;
    })();

    ingot.TreeEntry = (function() {

        /**
         * Properties of a TreeEntry.
         * @typedef {Object} ingot.TreeEntry.$Properties
         * @property {Uint8Array|null} [path] TreeEntry path
         * @property {ingot.TreeKind|null} [kind] TreeEntry kind
         * @property {number|null} [mode] TreeEntry mode
         * @property {number|null} [mtimeSeconds] TreeEntry mtimeSeconds
         * @property {number|null} [mtimeNanos] TreeEntry mtimeNanos
         * @property {ingot.TreeOwner.$Properties|null} [owner] TreeEntry owner
         * @property {Array.<ingot.TreeXattr.$Properties>|null} [xattrs] TreeEntry xattrs
         * @property {number|null} [size] TreeEntry size
         * @property {Uint8Array|null} [digest] TreeEntry digest
         * @property {Uint8Array|null} [target] TreeEntry target
         * @property {number|null} [file] TreeEntry file
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a TreeEntry.
         * @memberof ingot
         * @interface ITreeEntry
         * @augments ingot.TreeEntry.$Properties
         * @deprecated Use ingot.TreeEntry.$Properties instead.
         */

        /**
         * Shape of a TreeEntry.
         * @typedef {ingot.TreeEntry.$Properties} ingot.TreeEntry.$Shape
         */

        /**
         * Constructs a new TreeEntry.
         * @memberof ingot
         * @classdesc Represents a TreeEntry.
         * @constructor
         * @param {ingot.TreeEntry.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const TreeEntry = function (properties) {
            this.xattrs = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * TreeEntry path.
         * @member {Uint8Array} path
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.path = $util.newBuffer([]);

        /**
         * TreeEntry kind.
         * @member {ingot.TreeKind} kind
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.kind = 0;

        /**
         * TreeEntry mode.
         * @member {number} mode
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.mode = 0;

        /**
         * TreeEntry mtimeSeconds.
         * @member {number} mtimeSeconds
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.mtimeSeconds = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

        /**
         * TreeEntry mtimeNanos.
         * @member {number} mtimeNanos
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.mtimeNanos = 0;

        /**
         * TreeEntry owner.
         * @member {ingot.TreeOwner.$Properties|null|undefined} owner
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.owner = null;

        /**
         * TreeEntry xattrs.
         * @member {Array.<ingot.TreeXattr.$Properties>} xattrs
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.xattrs = $util.emptyArray;

        /**
         * TreeEntry size.
         * @member {number} size
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.size = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * TreeEntry digest.
         * @member {Uint8Array} digest
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.digest = $util.newBuffer([]);

        /**
         * TreeEntry target.
         * @member {Uint8Array} target
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.target = $util.newBuffer([]);

        /**
         * TreeEntry file.
         * @member {number} file
         * @memberof ingot.TreeEntry
         * @instance
         */
        TreeEntry.prototype.file = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified TreeEntry message. Does not implicitly {@link ingot.TreeEntry.verify|verify} messages.
         * @function encode
         * @memberof ingot.TreeEntry
         * @static
         * @param {ingot.TreeEntry.$Properties} message TreeEntry message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        TreeEntry.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path.length)
                writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.path);
            if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).int32(message.kind);
            if (message.mode != null && $Object.hasOwnProperty.call(message, "mode") && message.mode !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.mode);
            if (message.mtimeSeconds != null && $Object.hasOwnProperty.call(message, "mtimeSeconds") && (typeof message.mtimeSeconds === "object" ? message.mtimeSeconds.low || message.mtimeSeconds.high : message.mtimeSeconds !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).sint64(message.mtimeSeconds);
            if (message.mtimeNanos != null && $Object.hasOwnProperty.call(message, "mtimeNanos") && message.mtimeNanos !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.mtimeNanos);
            if (message.owner != null && $Object.hasOwnProperty.call(message, "owner"))
                $root.ingot.TreeOwner.encode(message.owner, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.xattrs != null && message.xattrs.length)
                for (let i = 0; i < message.xattrs.length; ++i)
                    $root.ingot.TreeXattr.encode(message.xattrs[i], writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.size != null && $Object.hasOwnProperty.call(message, "size") && (typeof message.size === "object" ? message.size.low || message.size.high : message.size !== 0))
                writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.size);
            if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && message.digest.length)
                writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.digest);
            if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target.length)
                writer.uint32(/* id 10, wireType 2 =*/82).bytes(message.target);
            if (message.file != null && $Object.hasOwnProperty.call(message, "file") && (typeof message.file === "object" ? message.file.low || message.file.high : message.file !== 0))
                writer.uint32(/* id 11, wireType 0 =*/88).uint64(message.file);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a TreeEntry message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.TreeEntry
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.TreeEntry & ingot.TreeEntry.$Shape} TreeEntry
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        TreeEntry.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.TreeEntry();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.path = value;
                        else
                            delete message.path;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.kind = value;
                        else
                            delete message.kind;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.mode = value;
                        else
                            delete message.mode;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.sint64()) === "object" ? value.low || value.high : value !== 0)
                            message.mtimeSeconds = value;
                        else
                            delete message.mtimeSeconds;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.mtimeNanos = value;
                        else
                            delete message.mtimeNanos;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.owner = $root.ingot.TreeOwner.decode(reader, reader.size(), $undefined, _depth + 1, message.owner);
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        if (!(message.xattrs && message.xattrs.length))
                            message.xattrs = [];
                        message.xattrs.push($root.ingot.TreeXattr.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.size = value;
                        else
                            delete message.size;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.digest = value;
                        else
                            delete message.digest;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.target = value;
                        else
                            delete message.target;
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.file = value;
                        else
                            delete message.file;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return TreeEntry;
    })();

    ingot.TreePage = (function() {

        /**
         * Properties of a TreePage.
         * @typedef {Object} ingot.TreePage.$Properties
         * @property {Array.<ingot.TreeEntry.$Properties>|null} [entries] TreePage entries
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a TreePage.
         * @memberof ingot
         * @interface ITreePage
         * @augments ingot.TreePage.$Properties
         * @deprecated Use ingot.TreePage.$Properties instead.
         */

        /**
         * Shape of a TreePage.
         * @typedef {ingot.TreePage.$Properties} ingot.TreePage.$Shape
         */

        /**
         * Constructs a new TreePage.
         * @memberof ingot
         * @classdesc Represents a TreePage.
         * @constructor
         * @param {ingot.TreePage.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const TreePage = function (properties) {
            this.entries = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * TreePage entries.
         * @member {Array.<ingot.TreeEntry.$Properties>} entries
         * @memberof ingot.TreePage
         * @instance
         */
        TreePage.prototype.entries = $util.emptyArray;

        /**
         * Encodes the specified TreePage message. Does not implicitly {@link ingot.TreePage.verify|verify} messages.
         * @function encode
         * @memberof ingot.TreePage
         * @static
         * @param {ingot.TreePage.$Properties} message TreePage message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        TreePage.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.entries != null && message.entries.length)
                for (let i = 0; i < message.entries.length; ++i)
                    $root.ingot.TreeEntry.encode(message.entries[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a TreePage message from the specified reader or buffer.
         * @function decode
         * @memberof ingot.TreePage
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ingot.TreePage & ingot.TreePage.$Shape} TreePage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        TreePage.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ingot.TreePage();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.entries && message.entries.length))
                            message.entries = [];
                        message.entries.push($root.ingot.TreeEntry.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return TreePage;
    })();

    return ingot;
})();

export {
  $root as default
};
