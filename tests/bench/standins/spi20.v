// A stand-in for tests: an SPI slave with transactions of 20 bits address and 20 bits data, two memories of bytes, and register 0.
// It answers as the contract of the bench says; nothing of any chip is in it.
//   +flip=ADDRESS  the lowest bit of every byte that is written there is wrong
//   +after=FILE    what the memories hold once `finished` is 1: address from which it is read, and byte, hexadecimal
module spi20 (
    input  wire RST,
    input  wire SCK,
    input  wire MOSI,
    output wire MISO,
    input  wire finished,
    output reg  gate
);
    reg [7:0]  neurons  [0:4095];   // byte of the word, neuron
    reg [7:0]  synapses [0:32767];  // byte of the word, word
    reg [39:0] in;
    reg [7:0]  out;
    reg [5:0]  count;
    integer    k, file, got;
    reg [31:0] flip, one, two;
    reg [8*256-1:0] name;

    initial begin
        count = 0; out = 0; gate = 0;
        for (k = 0; k < 4096; k = k + 1) neurons[k] = 8'hA5;
        for (k = 0; k < 32768; k = k + 1) synapses[k] = 8'hA5;
        if (!$value$plusargs("flip=%h", flip)) flip = 32'hFFFFFFFF;
    end

    always @(posedge finished) if ($value$plusargs("after=%s", name)) begin
        file = $fopen(name, "r");
        got = $fscanf(file, "%h %h", one, two);
        while (got == 2) begin
            if (one[17:16] == 1) neurons[one[11:0]] = two[7:0];
            else synapses[one[14:0]] = two[7:0];
            got = $fscanf(file, "%h %h", one, two);
        end
        $fclose(file);
    end

    assign MISO = out[7];

    always @(posedge RST) count = 0;

    always @(posedge SCK) in = {in[38:0], MOSI};

    function [7:0] kept(input [7:0] was, input [15:0] data);
        kept = was & data[15:8] | data[7:0] & ~data[15:8];
    endfunction

    always @(negedge SCK) if (!RST) begin
        count = count + 1;
        if (count == 32)  // the last eight bits of the data come from here
            out = !in[31] ? 0 : in[29:28] == 1 ? neurons[in[23:12]] : in[29:28] == 2 ? synapses[in[26:12]] : 0;
        else out = out << 1;
        if (count == 40) begin
            count = 0;
            if (in[38] && gate && in[37:36] == 1) neurons[in[31:20]] = kept(neurons[in[31:20]], in[15:0]) ^ (in[39:20] == flip);
            if (in[38] && gate && in[37:36] == 2) synapses[in[34:20]] = kept(synapses[in[34:20]], in[15:0]) ^ (in[39:20] == flip);
            if (in[39:20] == 0) gate = in[0];
        end
    end
endmodule
