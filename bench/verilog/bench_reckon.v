// ReckOn with its pins as variables, for the testbench to drive.
`timescale 1ns / 1ps

module bench_reckon;
    reg         CLK, RST, AERIN_REQ, AERIN_TAR_EN, OUT_ACK, SAMPLE, TIME_TICK, TARGET_VALID, INFER_ACC;
    reg  [7:0]  AERIN_ADDR;
    wire        SCK, MOSI, MISO, AERIN_ACK, OUT_REQ, SPI_RDY, TIMING_ERROR_RDY;
    wire [7:0]  OUT_DATA;

    initial begin
        CLK = 0; RST = 0; AERIN_REQ = 0; AERIN_TAR_EN = 0; OUT_ACK = 0;
        SAMPLE = 0; TIME_TICK = 0; TARGET_VALID = 0; INFER_ACC = 0; AERIN_ADDR = 0;
    end
    always #5 CLK = ~CLK;

    spi_stream spi (.SCK(SCK), .MOSI(MOSI), .MISO(MISO));

    reckon chip (
        .CLK_EXT(CLK), .CLK_INT_EN(1'b0), .RST(RST), .SCK(SCK), .MOSI(MOSI), .MISO(MISO),
        .AERIN_ADDR(AERIN_ADDR), .AERIN_REQ(AERIN_REQ), .AERIN_ACK(AERIN_ACK), .AERIN_TAR_EN(AERIN_TAR_EN),
        .SAMPLE(SAMPLE), .TIME_TICK(TIME_TICK), .TARGET_VALID(TARGET_VALID), .INFER_ACC(INFER_ACC),
        .SPI_RDY(SPI_RDY), .TIMING_ERROR_RDY(TIMING_ERROR_RDY), .OUT_REQ(OUT_REQ), .OUT_ACK(OUT_ACK), .OUT_DATA(OUT_DATA)
    );
endmodule
