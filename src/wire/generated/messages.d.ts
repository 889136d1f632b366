import * as $protobuf from "protobufjs";
import Long = require("long");

export namespace ingot {

    interface IRun extends ingot.Run.$Properties {
    }

    class Run {
        constructor(properties?: ingot.Run.$Properties);
        $unknowns?: Uint8Array[];
        first: number;
        count: number;
        static encode(message: ingot.Run.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Run & ingot.Run.$Shape;
    }

    namespace Run {
        interface $Properties {
            first?: (number|null);
            count?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Run.$Properties;
    }

    interface IPageTable extends ingot.PageTable.$Properties {
    }

    class PageTable {
        constructor(properties?: ingot.PageTable.$Properties);
        $unknowns?: Uint8Array[];
        static encode(message: ingot.PageTable.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.PageTable & ingot.PageTable.$Shape;
    }

    namespace PageTable {
        interface $Properties {
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.PageTable.$Properties;
    }

    interface IPatchRun extends ingot.PatchRun.$Properties {
    }

    class PatchRun {
        constructor(properties?: ingot.PatchRun.$Properties);
        $unknowns?: Uint8Array[];
        base: Uint8Array;
        groups?: (ingot.Run.$Properties|null);
        static encode(message: ingot.PatchRun.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.PatchRun & ingot.PatchRun.$Shape;
    }

    namespace PatchRun {
        interface $Properties {
            base?: (Uint8Array|null);
            groups?: (ingot.Run.$Properties|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.PatchRun.$Properties;
    }

    interface IBlocks extends ingot.Blocks.$Properties {
    }

    class Blocks {
        constructor(properties?: ingot.Blocks.$Properties);
        $unknowns?: Uint8Array[];
        first: number;
        count: number;
        wanted: Uint8Array;
        static encode(message: ingot.Blocks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Blocks & ingot.Blocks.$Shape;
    }

    namespace Blocks {
        interface $Properties {
            first?: (number|null);
            count?: (number|null);
            wanted?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Blocks.$Properties;
    }

    interface IContentRequest extends ingot.ContentRequest.$Properties {
    }

    class ContentRequest {
        constructor(properties?: ingot.ContentRequest.$Properties);
        $unknowns?: Uint8Array[];
        image: Uint8Array;
        segments?: (ingot.Run.$Properties|null);
        leafLists?: (ingot.Run.$Properties|null);
        leaves?: (ingot.Run.$Properties|null);
        pageTable?: (ingot.PageTable.$Properties|null);
        pages?: (ingot.Run.$Properties|null);
        leafDigests?: (ingot.Run.$Properties|null);
        blockKeys?: (ingot.Run.$Properties|null);
        blocks?: (ingot.Blocks.$Properties|null);
        patchTable?: (ingot.PatchRun.$Properties|null);
        patch?: (ingot.PatchRun.$Properties|null);
        zstd: boolean;
        what?: ("segments"|"leafLists"|"leaves"|"pageTable"|"pages"|"leafDigests"|"blockKeys"|"blocks"|"patchTable"|"patch");
        static encode(message: ingot.ContentRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.ContentRequest & ingot.ContentRequest.$Shape;
    }

    namespace ContentRequest {
        interface $Properties {
            image?: (Uint8Array|null);
            segments?: (ingot.Run.$Properties|null);
            leafLists?: (ingot.Run.$Properties|null);
            leaves?: (ingot.Run.$Properties|null);
            pageTable?: (ingot.PageTable.$Properties|null);
            pages?: (ingot.Run.$Properties|null);
            leafDigests?: (ingot.Run.$Properties|null);
            blockKeys?: (ingot.Run.$Properties|null);
            blocks?: (ingot.Blocks.$Properties|null);
            patchTable?: (ingot.PatchRun.$Properties|null);
            patch?: (ingot.PatchRun.$Properties|null);
            zstd?: (boolean|null);
            what?: ("segments"|"leafLists"|"leaves"|"pageTable"|"pages"|"leafDigests"|"blockKeys"|"blocks"|"patchTable"|"patch");
            $unknowns?: Uint8Array[];
        }
        type $Shape = {
          image?: Uint8Array|null;
          segments?: ingot.Run.$Shape|null;
          leafLists?: ingot.Run.$Shape|null;
          leaves?: ingot.Run.$Shape|null;
          pageTable?: ingot.PageTable.$Shape|null;
          pages?: ingot.Run.$Shape|null;
          leafDigests?: ingot.Run.$Shape|null;
          blockKeys?: ingot.Run.$Shape|null;
          blocks?: ingot.Blocks.$Shape|null;
          patchTable?: ingot.PatchRun.$Shape|null;
          patch?: ingot.PatchRun.$Shape|null;
          zstd?: boolean|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ what?: undefined; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "segments"; segments: ingot.Run.$Shape; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "leafLists"; segments?: null; leafLists: ingot.Run.$Shape; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "leaves"; segments?: null; leafLists?: null; leaves: ingot.Run.$Shape; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "pageTable"; segments?: null; leafLists?: null; leaves?: null; pageTable: ingot.PageTable.$Shape; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "pages"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages: ingot.Run.$Shape; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "leafDigests"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests: ingot.Run.$Shape; blockKeys?: null; blocks?: null; patchTable?: null; patch?: null }|{ what?: "blockKeys"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys: ingot.Run.$Shape; blocks?: null; patchTable?: null; patch?: null }|{ what?: "blocks"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks: ingot.Blocks.$Shape; patchTable?: null; patch?: null }|{ what?: "patchTable"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable: ingot.PatchRun.$Shape; patch?: null }|{ what?: "patch"; segments?: null; leafLists?: null; leaves?: null; pageTable?: null; pages?: null; leafDigests?: null; blockKeys?: null; blocks?: null; patchTable?: null; patch: ingot.PatchRun.$Shape })
        );
    }

    enum ContentCode {
        CONTENT_UNSPECIFIED = 0,
        CONTENT_OK = 1,
        CONTENT_NOT_ANNOUNCED = 2,
        CONTENT_NOT_FOUND = 3,
        CONTENT_CHANGED_ON_DISK = 4,
        CONTENT_TOO_LARGE = 5,
        CONTENT_BUSY = 6,
        CONTENT_INVALID = 7,
        CONTENT_INTERNAL = 8
    }

    enum Encoding {
        ENCODING_RAW = 0,
        ENCODING_ZSTD = 1
    }

    interface IContentAnswer extends ingot.ContentAnswer.$Properties {
    }

    class ContentAnswer {
        constructor(properties?: ingot.ContentAnswer.$Properties);
        $unknowns?: Uint8Array[];
        code: ingot.ContentCode;
        payloadBytes: number;
        encoding: ingot.Encoding;
        retryAfterMs: number;
        static encode(message: ingot.ContentAnswer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.ContentAnswer & ingot.ContentAnswer.$Shape;
    }

    namespace ContentAnswer {
        interface $Properties {
            code?: (ingot.ContentCode|null);
            payloadBytes?: (number|null);
            encoding?: (ingot.Encoding|null);
            retryAfterMs?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.ContentAnswer.$Properties;
    }

    interface IFarewell extends ingot.Farewell.$Properties {
    }

    class Farewell {
        constructor(properties?: ingot.Farewell.$Properties);
        $unknowns?: Uint8Array[];
        time: number;
        static encode(message: ingot.Farewell.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Farewell & ingot.Farewell.$Shape;
    }

    namespace Farewell {
        interface $Properties {
            time?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Farewell.$Properties;
    }

    interface IFarewellAck extends ingot.FarewellAck.$Properties {
    }

    class FarewellAck {
        constructor(properties?: ingot.FarewellAck.$Properties);
        $unknowns?: Uint8Array[];
        static encode(message: ingot.FarewellAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.FarewellAck & ingot.FarewellAck.$Shape;
    }

    namespace FarewellAck {
        interface $Properties {
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.FarewellAck.$Properties;
    }

    interface IHello extends ingot.Hello.$Properties {
    }

    class Hello {
        constructor(properties?: ingot.Hello.$Properties);
        $unknowns?: Uint8Array[];
        version: number;
        software: string;
        features: string[];
        addresses: string[];
        name: string;
        ownHead?: (ingot.Head.$Properties|null);
        heldHead?: (ingot.Head.$Properties|null);
        instance: Uint8Array;
        contentOnly: boolean;
        static encode(message: ingot.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Hello & ingot.Hello.$Shape;
    }

    namespace Hello {
        interface $Properties {
            version?: (number|null);
            software?: (string|null);
            features?: (string[]|null);
            addresses?: (string[]|null);
            name?: (string|null);
            ownHead?: (ingot.Head.$Properties|null);
            heldHead?: (ingot.Head.$Properties|null);
            instance?: (Uint8Array|null);
            contentOnly?: (boolean|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Hello.$Properties;
    }

    enum HelloRefusal {
        HELLO_REFUSAL_NONE = 0,
        HELLO_REFUSAL_VERSION = 1,
        HELLO_REFUSAL_SUSPENDED = 2,
        HELLO_REFUSAL_INVALID = 3
    }

    interface IHelloAnswer extends ingot.HelloAnswer.$Properties {
    }

    class HelloAnswer {
        constructor(properties?: ingot.HelloAnswer.$Properties);
        $unknowns?: Uint8Array[];
        refusal: ingot.HelloRefusal;
        detail: string;
        hello?: (ingot.Hello.$Properties|null);
        static encode(message: ingot.HelloAnswer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.HelloAnswer & ingot.HelloAnswer.$Shape;
    }

    namespace HelloAnswer {
        interface $Properties {
            refusal?: (ingot.HelloRefusal|null);
            detail?: (string|null);
            hello?: (ingot.Hello.$Properties|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.HelloAnswer.$Properties;
    }

    interface IHead extends ingot.Head.$Properties {
    }

    class Head {
        constructor(properties?: ingot.Head.$Properties);
        $unknowns?: Uint8Array[];
        journalId: Uint8Array;
        seq: number;
        hash: Uint8Array;
        time: number;
        signature: Uint8Array;
        static encode(message: ingot.Head.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Head & ingot.Head.$Shape;
    }

    namespace Head {
        interface $Properties {
            journalId?: (Uint8Array|null);
            seq?: (number|null);
            hash?: (Uint8Array|null);
            time?: (number|null);
            signature?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Head.$Properties;
    }

    interface IEvent extends ingot.Event.$Properties {
    }

    class Event {
        constructor(properties?: ingot.Event.$Properties);
        $unknowns?: Uint8Array[];
        imagePublished?: (ingot.SignedManifest.$Properties|null);
        imageWithdrawn?: (ingot.ImageWithdrawn.$Properties|null);
        imageDeleted?: (ingot.ImageDeleted.$Properties|null);
        seriesCreated?: (ingot.SeriesCreated.$Properties|null);
        seriesInserted?: (ingot.SeriesInserted.$Properties|null);
        seriesRemoved?: (ingot.SeriesRemoved.$Properties|null);
        seriesDeleted?: (ingot.SeriesDeleted.$Properties|null);
        event?: ("imagePublished"|"imageWithdrawn"|"imageDeleted"|"seriesCreated"|"seriesInserted"|"seriesRemoved"|"seriesDeleted");
        static encode(message: ingot.Event.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Event & ingot.Event.$Shape;
    }

    namespace Event {
        interface $Properties {
            imagePublished?: (ingot.SignedManifest.$Properties|null);
            imageWithdrawn?: (ingot.ImageWithdrawn.$Properties|null);
            imageDeleted?: (ingot.ImageDeleted.$Properties|null);
            seriesCreated?: (ingot.SeriesCreated.$Properties|null);
            seriesInserted?: (ingot.SeriesInserted.$Properties|null);
            seriesRemoved?: (ingot.SeriesRemoved.$Properties|null);
            seriesDeleted?: (ingot.SeriesDeleted.$Properties|null);
            event?: ("imagePublished"|"imageWithdrawn"|"imageDeleted"|"seriesCreated"|"seriesInserted"|"seriesRemoved"|"seriesDeleted");
            $unknowns?: Uint8Array[];
        }
        type $Shape = {
          imagePublished?: ingot.SignedManifest.$Shape|null;
          imageWithdrawn?: ingot.ImageWithdrawn.$Shape|null;
          imageDeleted?: ingot.ImageDeleted.$Shape|null;
          seriesCreated?: ingot.SeriesCreated.$Shape|null;
          seriesInserted?: ingot.SeriesInserted.$Shape|null;
          seriesRemoved?: ingot.SeriesRemoved.$Shape|null;
          seriesDeleted?: ingot.SeriesDeleted.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ event?: undefined; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "imagePublished"; imagePublished: ingot.SignedManifest.$Shape; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "imageWithdrawn"; imagePublished?: null; imageWithdrawn: ingot.ImageWithdrawn.$Shape; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "imageDeleted"; imagePublished?: null; imageWithdrawn?: null; imageDeleted: ingot.ImageDeleted.$Shape; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "seriesCreated"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated: ingot.SeriesCreated.$Shape; seriesInserted?: null; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "seriesInserted"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted: ingot.SeriesInserted.$Shape; seriesRemoved?: null; seriesDeleted?: null }|{ event?: "seriesRemoved"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved: ingot.SeriesRemoved.$Shape; seriesDeleted?: null }|{ event?: "seriesDeleted"; imagePublished?: null; imageWithdrawn?: null; imageDeleted?: null; seriesCreated?: null; seriesInserted?: null; seriesRemoved?: null; seriesDeleted: ingot.SeriesDeleted.$Shape })
        );
    }

    interface IImageWithdrawn extends ingot.ImageWithdrawn.$Properties {
    }

    class ImageWithdrawn {
        constructor(properties?: ingot.ImageWithdrawn.$Properties);
        $unknowns?: Uint8Array[];
        image: Uint8Array;
        static encode(message: ingot.ImageWithdrawn.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.ImageWithdrawn & ingot.ImageWithdrawn.$Shape;
    }

    namespace ImageWithdrawn {
        interface $Properties {
            image?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.ImageWithdrawn.$Properties;
    }

    interface IImageDeleted extends ingot.ImageDeleted.$Properties {
    }

    class ImageDeleted {
        constructor(properties?: ingot.ImageDeleted.$Properties);
        $unknowns?: Uint8Array[];
        image: Uint8Array;
        static encode(message: ingot.ImageDeleted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.ImageDeleted & ingot.ImageDeleted.$Shape;
    }

    namespace ImageDeleted {
        interface $Properties {
            image?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.ImageDeleted.$Properties;
    }

    interface ISeriesCreated extends ingot.SeriesCreated.$Properties {
    }

    class SeriesCreated {
        constructor(properties?: ingot.SeriesCreated.$Properties);
        $unknowns?: Uint8Array[];
        series: string;
        static encode(message: ingot.SeriesCreated.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SeriesCreated & ingot.SeriesCreated.$Shape;
    }

    namespace SeriesCreated {
        interface $Properties {
            series?: (string|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SeriesCreated.$Properties;
    }

    interface ISeriesInserted extends ingot.SeriesInserted.$Properties {
    }

    class SeriesInserted {
        constructor(properties?: ingot.SeriesInserted.$Properties);
        $unknowns?: Uint8Array[];
        series: string;
        image: Uint8Array;
        place: number;
        static encode(message: ingot.SeriesInserted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SeriesInserted & ingot.SeriesInserted.$Shape;
    }

    namespace SeriesInserted {
        interface $Properties {
            series?: (string|null);
            image?: (Uint8Array|null);
            place?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SeriesInserted.$Properties;
    }

    interface ISeriesRemoved extends ingot.SeriesRemoved.$Properties {
    }

    class SeriesRemoved {
        constructor(properties?: ingot.SeriesRemoved.$Properties);
        $unknowns?: Uint8Array[];
        series: string;
        image: Uint8Array;
        static encode(message: ingot.SeriesRemoved.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SeriesRemoved & ingot.SeriesRemoved.$Shape;
    }

    namespace SeriesRemoved {
        interface $Properties {
            series?: (string|null);
            image?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SeriesRemoved.$Properties;
    }

    interface ISeriesDeleted extends ingot.SeriesDeleted.$Properties {
    }

    class SeriesDeleted {
        constructor(properties?: ingot.SeriesDeleted.$Properties);
        $unknowns?: Uint8Array[];
        series: string;
        static encode(message: ingot.SeriesDeleted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SeriesDeleted & ingot.SeriesDeleted.$Shape;
    }

    namespace SeriesDeleted {
        interface $Properties {
            series?: (string|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SeriesDeleted.$Properties;
    }

    interface IJournalEntry extends ingot.JournalEntry.$Properties {
    }

    class JournalEntry {
        constructor(properties?: ingot.JournalEntry.$Properties);
        $unknowns?: Uint8Array[];
        seq: number;
        time: number;
        previous: Uint8Array;
        bodyDigest: Uint8Array;
        body?: (Uint8Array|null);
        signature: Uint8Array;
        static encode(message: ingot.JournalEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalEntry & ingot.JournalEntry.$Shape;
    }

    namespace JournalEntry {
        interface $Properties {
            seq?: (number|null);
            time?: (number|null);
            previous?: (Uint8Array|null);
            bodyDigest?: (Uint8Array|null);
            body?: (Uint8Array|null);
            signature?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.JournalEntry.$Properties;
    }

    interface IJournalOpen extends ingot.JournalOpen.$Properties {
    }

    class JournalOpen {
        constructor(properties?: ingot.JournalOpen.$Properties);
        $unknowns?: Uint8Array[];
        journalId: Uint8Array;
        seq: number;
        hash: Uint8Array;
        headOnly: boolean;
        static encode(message: ingot.JournalOpen.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalOpen & ingot.JournalOpen.$Shape;
    }

    namespace JournalOpen {
        interface $Properties {
            journalId?: (Uint8Array|null);
            seq?: (number|null);
            hash?: (Uint8Array|null);
            headOnly?: (boolean|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.JournalOpen.$Properties;
    }

    interface IJournalAck extends ingot.JournalAck.$Properties {
    }

    class JournalAck {
        constructor(properties?: ingot.JournalAck.$Properties);
        $unknowns?: Uint8Array[];
        seq: number;
        static encode(message: ingot.JournalAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalAck & ingot.JournalAck.$Shape;
    }

    namespace JournalAck {
        interface $Properties {
            seq?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.JournalAck.$Properties;
    }

    interface IJournalRequest extends ingot.JournalRequest.$Properties {
    }

    class JournalRequest {
        constructor(properties?: ingot.JournalRequest.$Properties);
        $unknowns?: Uint8Array[];
        open?: (ingot.JournalOpen.$Properties|null);
        ack?: (ingot.JournalAck.$Properties|null);
        request?: ("open"|"ack");
        static encode(message: ingot.JournalRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalRequest & ingot.JournalRequest.$Shape;
    }

    namespace JournalRequest {
        interface $Properties {
            open?: (ingot.JournalOpen.$Properties|null);
            ack?: (ingot.JournalAck.$Properties|null);
            request?: ("open"|"ack");
            $unknowns?: Uint8Array[];
        }
        type $Shape = {
          open?: ingot.JournalOpen.$Shape|null;
          ack?: ingot.JournalAck.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ request?: undefined; open?: null; ack?: null }|{ request?: "open"; open: ingot.JournalOpen.$Shape; ack?: null }|{ request?: "ack"; open?: null; ack: ingot.JournalAck.$Shape })
        );
    }

    interface IJournalStart extends ingot.JournalStart.$Properties {
    }

    class JournalStart {
        constructor(properties?: ingot.JournalStart.$Properties);
        $unknowns?: Uint8Array[];
        head?: (ingot.Head.$Properties|null);
        static encode(message: ingot.JournalStart.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalStart & ingot.JournalStart.$Shape;
    }

    namespace JournalStart {
        interface $Properties {
            head?: (ingot.Head.$Properties|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.JournalStart.$Properties;
    }

    enum JournalRefusalCode {
        JOURNAL_REFUSAL_UNSPECIFIED = 0,
        JOURNAL_REFUSAL_CURSOR_UNKNOWN = 1,
        JOURNAL_REFUSAL_BUSY = 2,
        JOURNAL_REFUSAL_INVALID = 3
    }

    interface IJournalRefusal extends ingot.JournalRefusal.$Properties {
    }

    class JournalRefusal {
        constructor(properties?: ingot.JournalRefusal.$Properties);
        $unknowns?: Uint8Array[];
        code: ingot.JournalRefusalCode;
        head?: (ingot.Head.$Properties|null);
        static encode(message: ingot.JournalRefusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalRefusal & ingot.JournalRefusal.$Shape;
    }

    namespace JournalRefusal {
        interface $Properties {
            code?: (ingot.JournalRefusalCode|null);
            head?: (ingot.Head.$Properties|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.JournalRefusal.$Properties;
    }

    interface IJournalAnswer extends ingot.JournalAnswer.$Properties {
    }

    class JournalAnswer {
        constructor(properties?: ingot.JournalAnswer.$Properties);
        $unknowns?: Uint8Array[];
        start?: (ingot.JournalStart.$Properties|null);
        entry?: (ingot.JournalEntry.$Properties|null);
        refusal?: (ingot.JournalRefusal.$Properties|null);
        answer?: ("start"|"entry"|"refusal");
        static encode(message: ingot.JournalAnswer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.JournalAnswer & ingot.JournalAnswer.$Shape;
    }

    namespace JournalAnswer {
        interface $Properties {
            start?: (ingot.JournalStart.$Properties|null);
            entry?: (ingot.JournalEntry.$Properties|null);
            refusal?: (ingot.JournalRefusal.$Properties|null);
            answer?: ("start"|"entry"|"refusal");
            $unknowns?: Uint8Array[];
        }
        type $Shape = {
          start?: ingot.JournalStart.$Shape|null;
          entry?: ingot.JournalEntry.$Shape|null;
          refusal?: ingot.JournalRefusal.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ answer?: undefined; start?: null; entry?: null; refusal?: null }|{ answer?: "start"; start: ingot.JournalStart.$Shape; entry?: null; refusal?: null }|{ answer?: "entry"; start?: null; entry: ingot.JournalEntry.$Shape; refusal?: null }|{ answer?: "refusal"; start?: null; entry?: null; refusal: ingot.JournalRefusal.$Shape })
        );
    }

    enum Kind {
        KIND_UNSPECIFIED = 0,
        KIND_FILE = 1,
        KIND_TREE = 2
    }

    interface ILabel extends ingot.Label.$Properties {
    }

    class Label {
        constructor(properties?: ingot.Label.$Properties);
        $unknowns?: Uint8Array[];
        key: string;
        value: string;
        static encode(message: ingot.Label.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Label & ingot.Label.$Shape;
    }

    namespace Label {
        interface $Properties {
            key?: (string|null);
            value?: (string|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Label.$Properties;
    }

    interface IManifest extends ingot.Manifest.$Properties {
    }

    class Manifest {
        constructor(properties?: ingot.Manifest.$Properties);
        $unknowns?: Uint8Array[];
        version: number;
        origin: string;
        name: string;
        imageType: string;
        baseType: string;
        imageVersion: string;
        description: string;
        labels: ingot.Label.$Properties[];
        kind: ingot.Kind;
        size: number;
        content: Uint8Array;
        sha256: Uint8Array;
        ancestors: Uint8Array[];
        createdAt: number;
        entries: number;
        static encode(message: ingot.Manifest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Manifest & ingot.Manifest.$Shape;
    }

    namespace Manifest {
        interface $Properties {
            version?: (number|null);
            origin?: (string|null);
            name?: (string|null);
            imageType?: (string|null);
            baseType?: (string|null);
            imageVersion?: (string|null);
            description?: (string|null);
            labels?: (ingot.Label.$Properties[]|null);
            kind?: (ingot.Kind|null);
            size?: (number|null);
            content?: (Uint8Array|null);
            sha256?: (Uint8Array|null);
            ancestors?: (Uint8Array[]|null);
            createdAt?: (number|null);
            entries?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Manifest.$Properties;
    }

    interface ISignedManifest extends ingot.SignedManifest.$Properties {
    }

    class SignedManifest {
        constructor(properties?: ingot.SignedManifest.$Properties);
        $unknowns?: Uint8Array[];
        manifest: Uint8Array;
        signature: Uint8Array;
        static encode(message: ingot.SignedManifest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SignedManifest & ingot.SignedManifest.$Shape;
    }

    namespace SignedManifest {
        interface $Properties {
            manifest?: (Uint8Array|null);
            signature?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SignedManifest.$Properties;
    }

    enum ReceiptState {
        RECEIPT_UNSPECIFIED = 0,
        RECEIPT_WANTED = 1,
        RECEIPT_FETCHING = 2,
        RECEIPT_ENABLED = 3,
        RECEIPT_REFUSED = 4,
        RECEIPT_DELETED = 5
    }

    interface IReceipt extends ingot.Receipt.$Properties {
    }

    class Receipt {
        constructor(properties?: ingot.Receipt.$Properties);
        $unknowns?: Uint8Array[];
        image: Uint8Array;
        state: ingot.ReceiptState;
        reason: string;
        time: number;
        static encode(message: ingot.Receipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Receipt & ingot.Receipt.$Shape;
    }

    namespace Receipt {
        interface $Properties {
            image?: (Uint8Array|null);
            state?: (ingot.ReceiptState|null);
            reason?: (string|null);
            time?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.Receipt.$Properties;
    }

    interface IReceiptAck extends ingot.ReceiptAck.$Properties {
    }

    class ReceiptAck {
        constructor(properties?: ingot.ReceiptAck.$Properties);
        $unknowns?: Uint8Array[];
        accepted: boolean;
        static encode(message: ingot.ReceiptAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.ReceiptAck & ingot.ReceiptAck.$Shape;
    }

    namespace ReceiptAck {
        interface $Properties {
            accepted?: (boolean|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.ReceiptAck.$Properties;
    }

    interface IServerData extends ingot.ServerData.$Properties {
    }

    class ServerData {
        constructor(properties?: ingot.ServerData.$Properties);
        $unknowns?: Uint8Array[];
        version: number;
        name: string;
        peerId: string;
        addresses: string[];
        createdAt: number;
        static encode(message: ingot.ServerData.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.ServerData & ingot.ServerData.$Shape;
    }

    namespace ServerData {
        interface $Properties {
            version?: (number|null);
            name?: (string|null);
            peerId?: (string|null);
            addresses?: (string[]|null);
            createdAt?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.ServerData.$Properties;
    }

    interface ISignedServerData extends ingot.SignedServerData.$Properties {
    }

    class SignedServerData {
        constructor(properties?: ingot.SignedServerData.$Properties);
        $unknowns?: Uint8Array[];
        serverData: Uint8Array;
        signature: Uint8Array;
        static encode(message: ingot.SignedServerData.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SignedServerData & ingot.SignedServerData.$Shape;
    }

    namespace SignedServerData {
        interface $Properties {
            serverData?: (Uint8Array|null);
            signature?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SignedServerData.$Properties;
    }

    interface ISubscribedAll extends ingot.SubscribedAll.$Properties {
    }

    class SubscribedAll {
        constructor(properties?: ingot.SubscribedAll.$Properties);
        $unknowns?: Uint8Array[];
        static encode(message: ingot.SubscribedAll.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SubscribedAll & ingot.SubscribedAll.$Shape;
    }

    namespace SubscribedAll {
        interface $Properties {
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SubscribedAll.$Properties;
    }

    interface ISelector extends ingot.Selector.$Properties {
    }

    class Selector {
        constructor(properties?: ingot.Selector.$Properties);
        $unknowns?: Uint8Array[];
        all?: (ingot.SubscribedAll.$Properties|null);
        image?: (Uint8Array|null);
        series?: (string|null);
        imageType?: (string|null);
        selector?: ("all"|"image"|"series"|"imageType");
        static encode(message: ingot.Selector.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Selector & ingot.Selector.$Shape;
    }

    namespace Selector {
        interface $Properties {
            all?: (ingot.SubscribedAll.$Properties|null);
            image?: (Uint8Array|null);
            series?: (string|null);
            imageType?: (string|null);
            selector?: ("all"|"image"|"series"|"imageType");
            $unknowns?: Uint8Array[];
        }
        type $Shape = {
          all?: ingot.SubscribedAll.$Shape|null;
          image?: Uint8Array|null;
          series?: string|null;
          imageType?: string|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ selector?: undefined; all?: null; image?: null; series?: null; imageType?: null }|{ selector?: "all"; all: ingot.SubscribedAll.$Shape; image?: null; series?: null; imageType?: null }|{ selector?: "image"; all?: null; image: Uint8Array; series?: null; imageType?: null }|{ selector?: "series"; all?: null; image?: null; series: string; imageType?: null }|{ selector?: "imageType"; all?: null; image?: null; series?: null; imageType: string })
        );
    }

    interface ISubscriptions extends ingot.Subscriptions.$Properties {
    }

    class Subscriptions {
        constructor(properties?: ingot.Subscriptions.$Properties);
        $unknowns?: Uint8Array[];
        selectors: ingot.Selector.$Properties[];
        static encode(message: ingot.Subscriptions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.Subscriptions & ingot.Subscriptions.$Shape;
    }

    namespace Subscriptions {
        interface $Properties {
            selectors?: (ingot.Selector.$Properties[]|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = {
          selectors?: ingot.Selector.$Shape[]|null;
          $unknowns?: Uint8Array[];
        };
    }

    interface ISubscriptionsAck extends ingot.SubscriptionsAck.$Properties {
    }

    class SubscriptionsAck {
        constructor(properties?: ingot.SubscriptionsAck.$Properties);
        $unknowns?: Uint8Array[];
        static encode(message: ingot.SubscriptionsAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.SubscriptionsAck & ingot.SubscriptionsAck.$Shape;
    }

    namespace SubscriptionsAck {
        interface $Properties {
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.SubscriptionsAck.$Properties;
    }

    enum TreeKind {
        TREE_KIND_UNSPECIFIED = 0,
        TREE_KIND_DIRECTORY = 1,
        TREE_KIND_FILE = 2,
        TREE_KIND_SYMLINK = 3,
        TREE_KIND_HARDLINK = 4
    }

    interface ITreeOwner extends ingot.TreeOwner.$Properties {
    }

    class TreeOwner {
        constructor(properties?: ingot.TreeOwner.$Properties);
        $unknowns?: Uint8Array[];
        uid: number;
        gid: number;
        static encode(message: ingot.TreeOwner.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.TreeOwner & ingot.TreeOwner.$Shape;
    }

    namespace TreeOwner {
        interface $Properties {
            uid?: (number|null);
            gid?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.TreeOwner.$Properties;
    }

    interface ITreeXattr extends ingot.TreeXattr.$Properties {
    }

    class TreeXattr {
        constructor(properties?: ingot.TreeXattr.$Properties);
        $unknowns?: Uint8Array[];
        name: Uint8Array;
        value: Uint8Array;
        static encode(message: ingot.TreeXattr.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.TreeXattr & ingot.TreeXattr.$Shape;
    }

    namespace TreeXattr {
        interface $Properties {
            name?: (Uint8Array|null);
            value?: (Uint8Array|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.TreeXattr.$Properties;
    }

    interface ITreeEntry extends ingot.TreeEntry.$Properties {
    }

    class TreeEntry {
        constructor(properties?: ingot.TreeEntry.$Properties);
        $unknowns?: Uint8Array[];
        path: Uint8Array;
        kind: ingot.TreeKind;
        mode: number;
        mtimeSeconds: number;
        mtimeNanos: number;
        owner?: (ingot.TreeOwner.$Properties|null);
        xattrs: ingot.TreeXattr.$Properties[];
        size: number;
        digest: Uint8Array;
        target: Uint8Array;
        file: number;
        static encode(message: ingot.TreeEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.TreeEntry & ingot.TreeEntry.$Shape;
    }

    namespace TreeEntry {
        interface $Properties {
            path?: (Uint8Array|null);
            kind?: (ingot.TreeKind|null);
            mode?: (number|null);
            mtimeSeconds?: (number|null);
            mtimeNanos?: (number|null);
            owner?: (ingot.TreeOwner.$Properties|null);
            xattrs?: (ingot.TreeXattr.$Properties[]|null);
            size?: (number|null);
            digest?: (Uint8Array|null);
            target?: (Uint8Array|null);
            file?: (number|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.TreeEntry.$Properties;
    }

    interface ITreePage extends ingot.TreePage.$Properties {
    }

    class TreePage {
        constructor(properties?: ingot.TreePage.$Properties);
        $unknowns?: Uint8Array[];
        entries: ingot.TreeEntry.$Properties[];
        static encode(message: ingot.TreePage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ingot.TreePage & ingot.TreePage.$Shape;
    }

    namespace TreePage {
        interface $Properties {
            entries?: (ingot.TreeEntry.$Properties[]|null);
            $unknowns?: Uint8Array[];
        }
        type $Shape = ingot.TreePage.$Properties;
    }
}
